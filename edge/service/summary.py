"""What a run did, as tables; in the simulated bin also how that compares with the truth."""

from rich.table import Table
from rich.text import Text

from edge.config.schema import Config
from edge.service.landing_rows import landing_rows
from edge.service.loop import RunStats
from hardware.world.score import SimulationScore

TITLED = 52
"""Least width of a summary table, in columns, so that its title stays on one line."""


def summary_tables(tally: RunStats, config: Config, score: SimulationScore | None) -> list[Table]:
    """What a run did; with the score of a simulation also how that compares with the truth."""
    done = Table(
        title=f"{tally.items} items in {tally.elapsed_s:.0f} s of the bin's clock, {tally.frames} frames",
        title_justify="left",
        min_width=TITLED,
    )
    done.add_column("bin")
    done.add_column("items", justify="right")
    for name in config.bins:
        done.add_row(name, str(tally.per_bin[name]))
    for reason, count in sorted(tally.per_reason.items()):
        done.add_row(f"({reason})", str(count), style="dim")
    for alarm, count in sorted(tally.alarms.items()):
        done.add_row(f"(attention: {alarm})", str(count), style="red")
    tables = [done]
    if score is not None:
        tables += _truth_tables(config, tally, score)
    return tables


def _truth_tables(config: Config, tally: RunStats, score: SimulationScore) -> list[Table]:
    truth = Table(title="truth: where each label fell", title_justify="left", min_width=TITLED)
    truth.add_column("label")
    for name in config.bins:
        truth.add_column(name, justify="right")
    truth.add_column("missed", justify="right")
    for label, row in score.table.items():
        cells = []
        for name in config.bins:
            count = row.get(name, 0)
            own = config.decision.labels.get(label) == name
            style = "green" if own else "yellow" if name == config.decision.residual_bin else "red"
            cells.append(Text(str(count) if count else "·", style=style if count else "dim"))
        missed = row.get("missed", 0)
        truth.add_row(label, *cells, str(missed) if missed else "·")
    total = max(score.items, 1)
    score_table = Table(title="score against the truth", title_justify="left", show_header=False, min_width=TITLED)
    for name, value in (
        ("items shown", score.items),
        ("handled exactly once", score.handled_once),
        ("missed", score.missed),
        ("handled twice", score.double),
        ("flap opened on an empty tray", score.empty_openings),
    ):
        score_table.add_row(name, str(value), f"{value / total:.1%}" if name != "flap opened on an empty tray" else "")
    for landing in landing_rows(score, config.decision):
        score_table.add_row(*landing)
    score_table.add_row("right bin under a wrong name", str(tally.misnamed), f"{tally.misnamed / total:.1%}")
    return [truth, score_table]
