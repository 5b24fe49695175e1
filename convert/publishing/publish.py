"""Offers a file to a ring of bins, and to the next one when the first has kept it; withdraws it where it fails."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from tuf.api.metadata import TargetFile

from convert.publishing.ring_reports import RingCount, count_ring
from convert.publishing.signed_files import SignedFiles
from edge.errors import SorterError
from edge.inference.bundle import read_bundle
from edge.updates.golden import pack_golden
from edge.updates.offer import GOLDEN, RINGS
from train.errors import SettingsError

SUFFIX_KINDS = {".tflite": "model", ".head": "head", ".json": "settings", ".gz": "program"}
"""End of a file's name -> what it is."""


@dataclass(frozen=True, slots=True)
class Publication:
    """What is to be offered.

    Attributes:
        file: the model, head, settings or program.
        name: what bins call it.
        ring: which of them get it.
        bins: in place of a ring, bins by name.
        golden: folder with a folder of pictures for each label; of a model, and of no other file.
        ring_size: number of bins of the ring before; None: those that report.
    """

    file: Path
    name: str
    ring: str
    bins: tuple[str, ...] = ()
    golden: Path | None = None
    ring_size: int | None = None


@dataclass(frozen=True, slots=True)
class Published:
    """What was done.

    Attributes:
        version: that the file has.
        places: where it is offered; empty: it was withdrawn.
        count: the reports of the ring before; None: there is none.
    """

    version: int
    places: tuple[str, ...]
    count: RingCount | None = None


def publish(repository: SignedFiles, wanted: Publication, reports: Sequence[Mapping[str, object]]) -> Published:
    """Offer a file. To a ring after the first one only what the ring before has kept; what has failed there is withdrawn.

    Args:
        repository: the repository.
        wanted: what.
        reports: of bins.

    Raises:
        SettingsError: it cannot be offered.
        OSError: it cannot be written.
    """
    kind = SUFFIX_KINDS.get(wanted.file.suffix)
    if kind is None:
        raise SettingsError(
            f"{wanted.file}: expected a model (.tflite), a head (.head), settings (.json) or a program (.tar.gz)"
        )
    _check(kind, wanted)
    entry = TargetFile.from_file(wanted.name, str(wanted.file), ["sha256"])
    known = {place: one for place, one in repository.targets.items() if place.rpartition("/")[2] == wanted.name}
    before = RINGS[RINGS.index(wanted.ring) - 1] if wanted.ring != RINGS[0] and not wanted.bins else None
    # Also those that were withdrawn: the bins that had one of them do not take its number again.
    count, version = None, 1 + max(map(_version, repository.past(wanted.name)), default=0)
    same = [one for one in known.values() if one.hashes == entry.hashes]
    if same:
        version = max(_version(one) for one in same)
    if before is not None:
        offered = known.get(f"{before}/{wanted.name}")
        if offered is None or offered.hashes != entry.hashes:
            raise SettingsError(
                f"--ring {wanted.ring}: the ring {before} does not have this file; publish it there first"
            )
        count = count_ring(reports, target=wanted.name, version=version, ring=before, size=wanted.ring_size)
        if count.must_stop:
            revoke(repository, wanted.name, version)
            return Published(version, (), count)
        if not count.may_go_on:
            raise SettingsError(f"--ring {wanted.ring}: too early: {count}")
    folders = tuple(f"bins/{name}" for name in wanted.bins) or (wanted.ring,)
    golden = _golden_of(kind, wanted, repository, before)
    entries: dict[str, TargetFile | None] = {}
    files: dict[str, Path] = {}
    for folder in folders:
        place = f"{folder}/{wanted.name}"
        entries[place], files[place] = _entry(place, wanted.file, kind, version), wanted.file
        if golden is not None:
            entries[place + GOLDEN], files[place + GOLDEN] = _entry(place + GOLDEN, golden, kind, version), golden
    repository.offer(entries, files)
    if golden is not None and golden.parent == repository.folder:
        golden.unlink()  # packed for this; its copy among the targets is what is served
    return Published(version, tuple(f"{folder}/{wanted.name}" for folder in folders), count)


def revoke(repository: SignedFiles, name: str, version: int | None = None) -> tuple[str, ...]:
    """Offer a version no more; bins that run it go back by themselves. What its ring had before is offered there again.

    Args:
        repository: the repository.
        name: of what.
        version: which one; None: the newest.

    Returns:
        Where it was offered.

    Raises:
        SettingsError: it is not offered.
        OSError: it cannot be written.
    """
    own = {place: one for place, one in repository.targets.items() if place.rpartition("/")[2] in (name, name + GOLDEN)}
    newest = max((_version(one) for one in own.values()), default=0)
    found = [place for place, one in own.items() if _version(one) == (version or newest)]
    if not found:
        raise SettingsError(f"{name}: is not offered; there are {', '.join(sorted(_names(repository))) or 'none'}")
    repository.offer({place: repository.before(place) for place in found}, {})
    return tuple(place for place in found if not place.endswith(GOLDEN))


def _check(kind: str, wanted: Publication) -> None:
    """Raises SettingsError if bins would refuse it anyway."""
    if kind == "model":
        try:
            if read_bundle(wanted.file).is_compiled:
                raise SettingsError(f"{wanted.file}: is compiled for a Coral; publish the model that it was made from")
        except SorterError as error:
            raise SettingsError(str(error)) from error
    elif wanted.golden is not None:
        raise SettingsError("--golden: belongs to a model alone")


def _golden_of(kind: str, wanted: Publication, repository: SignedFiles, before: str | None) -> Path | None:
    """The golden pictures to be offered beside a model: packed, or those of the ring before."""
    if kind != "model":
        return None
    if wanted.golden is None:
        place = f"{before}/{wanted.name}{GOLDEN}"
        if before is None or place not in repository.targets:
            raise SettingsError("--golden: missing; expected a folder with a folder of pictures for each label")
        folder, _, name = place.rpartition("/")
        return repository.folder / "targets" / folder / f"{repository.targets[place].hashes['sha256']}.{name}"
    try:
        content = pack_golden(_pictures(wanted.golden))
    except SorterError as error:
        raise SettingsError(f"--golden {wanted.golden}: {error}") from error
    packed = repository.folder / f".{wanted.name}{GOLDEN}"
    packed.write_bytes(content)
    return packed


def _pictures(folder: Path) -> Iterator[tuple[str, Path]]:
    for label in sorted(path for path in folder.iterdir() if path.is_dir()):
        for path in sorted(label.iterdir()):
            if path.suffix.lower() in (".jpg", ".jpeg", ".png"):
                yield label.name, path


def _entry(place: str, path: Path, kind: str, version: int) -> TargetFile:
    entry = TargetFile.from_file(place, str(path), ["sha256"])
    entry.unrecognized_fields["custom"] = {"kind": kind, "version": version}
    return entry


def _version(entry: TargetFile) -> int:
    custom = entry.custom
    return int(custom["version"]) if isinstance(custom, dict) else 0


def _names(repository: SignedFiles) -> set[str]:
    return {place.rpartition("/")[2] for place in repository.targets if not place.endswith(GOLDEN)}
