"""What of a bin is simulated although its camera is not."""

from edge.config.schema import Config


def still_bins(config: Config) -> list[str]:
    """Bins whose flap does not move: it hangs on simulated pins, though the camera shows a real tray. Empty in the simulated bin,
    whose world moves them."""
    if config.camera.kind == "sim" or config.flaps.pin_factory != "mock":
        return []
    return [name for name, one in config.bins.items() if one.flap.on_pins]


def warning_of_still_flaps(config: Config) -> str | None:
    """A sentence for the operator; None when every flap moves."""
    still = still_bins(config)
    if not still:
        return None
    which = "NO FLAP MOVES" if len(still) == len(config.bins) else f"THE FLAP OF {', '.join(still)} DOES NOT MOVE"
    return (
        f"camera.kind is {config.camera.kind}, but flaps.pin_factory is mock (simulated pins): {which}; set it to lgpio on a "
        "Raspberry Pi"
    )
