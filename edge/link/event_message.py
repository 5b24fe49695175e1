"""An item as the broker gets it."""

from edge.link.compact_json import compact
from edge.records.event_schema import EventRow


def event_message(event: EventRow) -> bytes:
    """What was decided of an item and what became of it; ``session`` and ``number`` together are its own for ever.

    What is not known is left out; ``clock_set`` stands there where it was not, so that ``wall_s`` may be wrong.
    """
    message: dict[str, object] = {
        "session": event["session"],
        "number": event["number"],
        "wall_s": round(event["wall_s"], 2),
        "label": event["label"],
        "confidence": round(event["confidence"], 3),
        "bin": event["bin"],
        "reason": event["reason"],
        "outcome": event["outcome"],
    }
    if event["fell"] is not None:
        message["fell"] = event["fell"]
    if not event["wall_synced"]:
        message["clock_set"] = False
    return compact(message)
