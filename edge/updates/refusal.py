"""Why an update was not taken."""

from edge.errors import SorterError


class RepositoryRefusedError(SorterError, ValueError):
    """What the repository gives is not what its owner signed, or too old: nothing of it is used."""

    exit_code = 65


class RepositoryUnreachableError(SorterError, ConnectionError):
    """The repository gives nothing now, or not in time."""

    exit_code = 69


class UpdateRefusedError(SorterError, ValueError):
    """A signed update does not suit this bin, or is worse here than what runs: that stays."""

    exit_code = 1


class UpdateStorageError(SorterError, OSError):
    """The folder of updates cannot be written; what was in use stays."""

    exit_code = 74
