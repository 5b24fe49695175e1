"""Where items landed, as rows of a table: recycling apart from residual waste, which a bin that sorts nothing has right."""

from edge.config.schema import DecisionConfig
from hardware.world.score import WITHDRAWN, SimulationScore


def landing_rows(score: SimulationScore, decision: DecisionConfig) -> list[tuple[str, str, str]]:
    """Name, count and share of each row.

    Items that their user took back belong nowhere. The first two shares are of the items that belong there, the others of all
    items shown.
    """
    recycled, recycling, kept, waste = 0, 0, 0, 0
    for label, row in score.table.items():
        own = decision.labels.get(label, decision.residual_bin)
        came = sum(row.values()) - row.get(WITHDRAWN, 0)
        if own == decision.residual_bin:
            kept, waste = kept + row.get(own, 0), waste + came
        else:
            recycled, recycling = recycled + row.get(own, 0), recycling + came
    return [
        ("recycling in its own bin", f"{recycled} of {recycling}", _share(recycled, recycling)),
        ("residual waste in the residual bin", f"{kept} of {waste}", _share(kept, waste)),
        ("in their label's bin", str(score.right), _share(score.right, score.items)),
        ("in the residual bin instead", str(score.residual), _share(score.residual, score.items)),
        ("in a wrong bin", str(score.wrong), _share(score.wrong, score.items)),
    ]


def _share(count: int, total: int) -> str:
    return f"{count / max(total, 1):.1%}"
