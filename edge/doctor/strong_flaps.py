"""Check of what keeps a hand away from a flap that presses harder than a finger holds."""

from collections.abc import Iterator

from edge.config.schema import Config
from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, not_applicable, ok, warning
from hardware.limits import WEAK_FORCE_N, is_weak


def check_lid(context: CheckContext) -> Iterator[Finding]:
    """Check that a bin with a flap that is strong, or whose force is not stated, has a lid contact or a light barrier."""
    config = context.config
    if config is None:
        yield not_applicable("lid", NO_CONFIG)
        return
    if not _flaps_move(config):
        yield not_applicable("lid", "no flap moves")
        return
    if config.panel.lid is not None:
        yield ok("lid", f"panel.lid on GPIO {config.panel.lid.pin} keeps the flaps still while it is open")
        return
    strong = [name for name, one in config.bins.items() if not is_weak(one.flap.force_n)]
    if not strong:
        yield ok("lid", f"none, and none is needed: each flap's force_n is {WEAK_FORCE_N:g} or less")
        return
    stated = [f"{name} ({force:g} N)" for name in strong if (force := config.bins[name].flap.force_n) is not None]
    unstated = [f"{name} (force_n is not stated)" for name in strong if config.bins[name].flap.force_n is None]
    found = f"no panel.lid, and flaps count as strong: {', '.join((*stated, *unstated))}"
    advice = (
        "fit a lid contact or a light barrier and add it, e.g. panel.lid: {pin: 22, contact: opens}; or measure the force at "
        f"each flap's edge, and state it as force_n, at most {WEAK_FORCE_N:g}"
    )
    yield warning("lid", found, advice)


def _flaps_move(config: Config) -> bool:
    """Whether any flap does, for real."""
    is_simulated = config.camera.kind == "sim" or config.flaps.pin_factory == "mock"
    return not all(one.flap.on_pins for one in config.bins.values()) or not is_simulated
