"""The figures of a bin for Prometheus."""

from collections.abc import Iterator

from edge.link.bin_view import BinView
from edge.link.exposition import Sample, family


def metrics_text(view: BinView, *, version: str) -> str:
    """All figures, as they are served.

    Args:
        view: the bin.
        version: of the program.
    """
    return "".join(_families(view, version))


def _families(view: BinView, version: str) -> Iterator[str]:
    report = view.report or {}
    is_up = view.report is not None
    yield family("sorter_up", "gauge", "Whether the bin's program answers.", [({}, is_up)])
    info = {name: str(report.get(name) or "") for name in ("model", "head")} | {"version": version}
    yield family("sorter_info", "gauge", "What runs: model, taught head (SHA-256) and program.", [(info, 1)])
    items = (
        ({"label": label, "bin": name, "outcome": outcome}, number)
        for (label, name, outcome), number in sorted(view.counts.all.items())
    )
    yield family("sorter_items_total", "counter", "Items that were sorted.", items)
    decided = (({"reason": reason}, number) for reason, number in sorted(view.reasons.items()))
    yield family("sorter_decisions_total", "counter", "Items that were decided since the link began.", decided)
    if is_up:
        yield from _of_report(view, report)
    yield from _of_newest(view)
    yield family("sorter_temperature_celsius", "gauge", "Temperature of the board.", _if_known(view.temperature_c))
    yield family(
        "sorter_undervoltage", "gauge", "Whether the power supply is too weak.", _if_known(view.has_undervoltage)
    )
    yield family("sorter_disk_free_bytes", "gauge", "Free on the disk of the event log.", _if_known(view.free_bytes))
    log_fails = view.log_problem is not None
    yield family("sorter_event_log_unreadable", "gauge", "Whether the event log cannot be read.", [({}, log_fails)])
    if view.connected is not None:
        yield family("sorter_link_connected", "gauge", "Whether the broker is connected.", [({}, view.connected)])
        name, meaning = "sorter_link_connections_total", "Connections to the broker that have come about."
        yield family(name, "counter", meaning, [({}, view.connections)])
        yield family("sorter_link_waiting_events", "gauge", "Events that wait to be sent.", [({}, view.waiting)])
        name, meaning = "sorter_link_sent_events_total", "Events that the broker has acknowledged."
        yield family(name, "counter", meaning, [({}, view.sent)])


def _of_report(view: BinView, report: dict[str, object]) -> Iterator[str]:
    yield family("sorter_ready", "gauge", "Whether the bin can sort.", [({}, bool(report.get("ready")))])
    yield family("sorter_paused", "gauge", "Whether somebody has paused the bin.", [({}, bool(report.get("paused")))])
    held = str(report.get("held") or "")
    yield family(
        "sorter_held", "gauge", "Why no flap may move at this moment.", [({"reason": held}, 1)] if held else []
    )
    troubles = [({name: str(one.get(name, "")) for name in ("alarm", "condition")}, 1.0) for one in view.alarms]
    yield family("sorter_trouble", "gauge", "What somebody has to see to.", troubles)
    yield family("sorter_status_age_seconds", "gauge", "Age of the newest status as it came.", [({}, view.age_s)])
    levels = (({"bin": name}, level) for name, level in view.levels.items())
    yield family("sorter_fill_ratio", "gauge", "How full a bin is, 0 empty to 1 full.", levels)
    started = report.get("started_wall_s")
    found = _if_known(started if isinstance(started, int | float) else None)
    yield family("sorter_start_time_seconds", "gauge", "When the bin's program began, in seconds since 1970.", found)


def _of_newest(view: BinView) -> Iterator[str]:
    event = view.newest
    if event is None:
        return
    meaning = "When the newest item was decided, in seconds since 1970."
    yield family("sorter_last_item_time_seconds", "gauge", meaning, [({}, event["wall_s"])])
    meaning = "Time from rest to the decision of the newest item."
    yield family("sorter_last_item_decision_seconds", "gauge", meaning, [({}, event["rest_to_decision_s"])])
    meaning = "Time that the model took for a look at the newest item."
    yield family("sorter_last_item_inference_seconds", "gauge", meaning, [({}, event["latency_ms"] / 1000)])


def _if_known(value: float | None) -> list[Sample]:
    return [] if value is None else [({}, value)]
