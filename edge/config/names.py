"""The names that the configuration's sections use of each other: labels, and the bins that they belong to."""

from collections.abc import Collection, Iterable, Iterator, Mapping

from edge.config.suggestion import did_you_mean


class MisfitError(ValueError):
    """Values that are each in order do not go together.

    Args:
        problems: one sentence each, which begins with the key.
    """

    def __init__(self, problems: Iterable[str]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(self.problems))


def name_problems(
    bins: Collection[str],
    labels: Mapping[str, str],
    residual_bin: str,
    hazards: Iterable[str] = (),
    start_open: Iterable[str] = (),
) -> Iterator[str]:
    """What is named and not there.

    Args:
        bins: names of the bins.
        labels: label -> bin.
        residual_bin: bin for uncertain items.
        hazards: labels.
        start_open: bins.

    Yields:
        One sentence for each name, with the one that was probably meant.
    """

    def no_bin(key: str, name: str) -> str:
        return f"{key}: there is no bin {name!r}; bins are {', '.join(bins)}{did_you_mean(name, bins)}"

    yield from (no_bin(f"decision.labels.{label}", name) for label, name in labels.items() if name not in bins)
    if residual_bin not in bins:
        yield no_bin("decision.residual_bin", residual_bin)
    for label in hazards:
        if label not in labels:
            yield (
                f"decision.hazards: {label!r} is not among decision.labels; labels are {', '.join(labels)}"
                f"{did_you_mean(label, labels)}"
            )
    yield from (no_bin("simulation.start_open", name) for name in start_open if name not in bins)


def name_problems_in(tree: Mapping[str, object]) -> Iterator[str]:
    """As ``name_problems``, of a configuration as it was read, whose other values need not be in order.

    Nothing is said of a section that is not what it should be: that is a problem of its own.
    """
    decision, bins, simulation = (tree.get(name) for name in ("decision", "bins", "simulation"))
    if not isinstance(decision, Mapping) or not isinstance(bins, Mapping):
        return
    labels, residual_bin = decision.get("labels"), decision.get("residual_bin", "residual")
    known = _texts(bins)
    if not isinstance(labels, Mapping) or not known or not isinstance(residual_bin, str):
        return
    named = {label: name for label, name in labels.items() if isinstance(label, str) and isinstance(name, str)}
    start_open = simulation.get("start_open") if isinstance(simulation, Mapping) else None
    yield from name_problems(known, named, residual_bin, _texts(decision.get("hazards")), _texts(start_open))


def _texts(values: object) -> list[str]:
    if isinstance(values, str) or not isinstance(values, Iterable):
        return []
    return [one for one in values if isinstance(one, str)]
