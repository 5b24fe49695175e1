"""What is wrong with the bin, and what to do about it."""

from dataclasses import dataclass

from edge.page.texts import mark

TROUBLE_TEXTS = {
    "flap": (
        mark("A flap does not move as it should"),
        mark("Take out what blocks it. Then send the flaps home; if it stays, check its plug."),
    ),
    "current": (mark("A drive was let go"), mark("It was under current for too long: see what blocks its flap.")),
    "jam": (mark("An item does not fall"), mark("Push it down or take it out.")),
    "stopped": (mark("The stop button is on"), mark("Release it when nothing is in the way.")),
    "service": (mark("Service mode is on"), mark("Turn its switch off to sort.")),
    "paused": (mark("The bin has been paused for long"), mark("Let it go on.")),
    "full": (mark("A bin is full"), mark("Empty it.")),
    "sensor": (mark("A switch, sensor or light fails"), mark("Check its plug and cable.")),
    "events": (
        mark("What is sorted cannot be written down"),
        mark("The disk is full or damaged: 'sorter doctor' says which."),
    ),
    "classifier": (mark("The recognition fails"), mark("'sorter doctor' looks for the reason.")),
    "camera": (
        mark("The camera gives no usable picture"),
        mark("See whether its lens is clean, and its light and cable are good."),
    ),
    "learning": (mark("The empty tray cannot be learnt"), mark("Clear the tray and take your hands away.")),
    "hand": (
        mark("Something reaches over the edge, or the lid is open"),
        mark("Take it away and close the lid. If nothing is there, clean the tray and take it anew for empty."),
    ),
    "unexplained_loss": (
        mark("An item vanished although no flap was open"),
        mark("Was it taken out? If not, see whether a flap hangs open."),
    ),
    "motion": (mark("Something does not come to rest"), mark("Take it off the tray.")),
    "program": (mark("The program had an error"), mark("It goes on by itself. Please report what its log says.")),
    "progress": (mark("An item lies there without a decision"), mark("Take it out and throw it in again.")),
    "records": (
        mark("The list of items was damaged"),
        mark("It was set aside, and a new one begun. Nothing is to be done now."),
    ),
    "head": (
        mark("What was taught last cannot be used"),
        mark("What was in use before answers. Teach again, or go back."),
    ),
    "accelerator": (mark("The accelerator has failed"), mark("The bin sorts on, more slowly. Check its plug.")),
    "slow_disk": (mark("The disk is slow"), mark("The card may be worn out: replace it soon.")),
    "slow_view": (mark("The recognition is slow"), mark("See whether the board is too warm.")),
}
"""Kind of an alarm (``edge.alarms.Alarm``) -> what it means, and what to do."""

UNKNOWN = (mark("Something is wrong"), "")
"""The same of a kind that only a later release has."""


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that somebody has to see to.

    Attributes:
        text, advice: what it is and what to do, in English, to be translated.
        message: what the bin says of it, as it is.
        is_fault: whether it has to be repaired.
    """

    text: str
    advice: str
    message: str
    is_fault: bool


def troubles_in(report: dict[str, object]) -> tuple[Trouble, ...]:
    """What is wrong, as the bin's status tells, the most urgent first.

    Args:
        report: ``edge.service.status_report.StatusReport``.
    """
    alarms = report.get("alarms")
    found = [one for one in alarms if isinstance(one, dict)] if isinstance(alarms, list) else []
    return tuple(
        Trouble(
            *TROUBLE_TEXTS.get(str(one.get("alarm")), UNKNOWN),
            message=str(one.get("message", "")),
            is_fault=one.get("condition") == "fault",
        )
        for one in found
    )
