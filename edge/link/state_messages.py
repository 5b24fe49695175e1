"""What the broker keeps of a bin: how it is, what is wrong, how full it is, and what it has sorted today."""

from collections.abc import Sequence

from edge.link.bin_view import BinView

STOPPED = "stopped"
"""Condition of a bin whose program does not answer; the others are ``edge.service.status_report.Condition``."""

CONDITIONS = ("ok", "attention", "fault", STOPPED)


def state_message(view: BinView) -> dict[str, object]:
    """How the bin is. It changes seldom: where nothing is heard of the bin, there is its condition alone."""
    report = view.report
    if report is None:
        return {"condition": STOPPED}
    return {
        "condition": report.get("condition"),
        "ready": report.get("ready"),
        "paused": bool(report.get("paused")),
        "model": report.get("model"),
        "head": report.get("head"),
        "simulated": report.get("simulated"),
        "started_wall_s": report.get("started_wall_s"),
    }


def trouble_message(view: BinView) -> dict[str, object]:
    """What is wrong, the gravest first; a bin that does not answer is a trouble of its own."""
    if view.report is None:
        troubles: Sequence[dict[str, object]] = [{"alarm": STOPPED, "condition": "fault", "message": view.problem}]
    else:
        troubles = view.alarms
    return {"count": len(troubles), "troubles": troubles}


def level_message(view: BinView) -> dict[str, object]:
    """Bin -> how full it is, in percent, of bins with a level sensor."""
    return {name: round(100 * level) for name, level in view.levels.items()}


def figures_message(view: BinView, bins: Sequence[str], residual_bin: str) -> dict[str, object]:
    """What was sorted today, and how the computer is.

    Args:
        view: the bin.
        bins: its bins.
        residual_bin: the one whose share is told.
    """
    return {
        "today": {name: view.counts.today.get(name, 0) for name in bins},
        "residual_percent": view.counts.percent_today(residual_bin),
        "items": sum(view.counts.all.values()),
        "temperature_c": None if view.temperature_c is None else round(view.temperature_c),
        "free_mb": None if view.free_bytes is None else view.free_bytes // 100_000_000 * 100,
        "waiting": view.waiting,
    }
