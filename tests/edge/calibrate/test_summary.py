"""The summary of a calibration."""

from edge.calibrate.summary import StepOutcome, StepState, summary


def test_what_is_fine_takes_a_line_and_what_is_left_has_a_number() -> None:
    outcomes = [
        StepOutcome("camera", StepState.FINE),
        StepOutcome("light", StepState.LEFT, ("uneven: a second lamp", "focus: blurred")),
        StepOutcome("tray", StepState.FINE),
        StepOutcome("flaps: paper", StepState.FAILED, ("no such pin",)),
        StepOutcome("sensors", StepState.SKIPPED),
    ]
    assert list(summary(outcomes, then="let it sort: sorter run")) == [
        "Fine: camera, tray.",
        "Not fine yet: light.",
        "Skipped: sensors.",
        "Failed: flaps: paper.",
        "Next:",
        "  1. light: uneven: a second lamp",
        "  2. light: focus: blurred",
        "  3. flaps: paper: no such pin",
        "  4. let it sort: sorter run",
    ]
