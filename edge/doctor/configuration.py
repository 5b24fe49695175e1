"""Check of the configuration: whether it is valid, and whether it describes a real bin."""

from collections.abc import Iterator
from dataclasses import replace

from edge.commands.invocation import invocation
from edge.doctor.check_context import CheckContext
from edge.doctor.finding import Finding, failure, from_error, ok, warning
from edge.errors import SorterError
from edge.service.factories import make_presence

SERVICE_CONFIG = "etc/sorter/config.yaml"
"""Where systemd/install.sh puts the service's configuration, below the root folder."""


def check_config(context: CheckContext) -> Iterator[Finding]:
    """Check that every section is valid, and warn of simulated parts."""
    elsewhere = not context.config_file.exists() and (context.host.root / SERVICE_CONFIG).exists()
    for problem in context.problems:
        finding = from_error("config", problem, "correct it; config.yaml in the sources explains every key")
        yield replace(finding, advice=f"use the service's: --config /{SERVICE_CONFIG}") if elsewhere else finding
    config = context.config
    if config is None:
        return
    yield ok("config", f"{context.config_file}: {', '.join(type(config).model_fields)}")
    if config.camera.kind == "sim":
        found = "camera.kind is sim: this is the simulated bin"
        yield warning(
            "config", found, "for a real one set camera.kind to opencv or picamera2, flaps.pin_factory to lgpio"
        )
    elif config.flaps.pin_factory == "mock" and config.camera.kind != "folder":
        yield warning("config", "flaps.pin_factory is mock: no flap on a pin moves", "set flaps.pin_factory to lgpio")
    if config.tray.empty_tray is not None:
        try:
            make_presence(config)
        except SorterError as error:
            calibrate = invocation("calibrate", "reference", config=context.config_file)
            yield failure(
                "config", str(error), f"take the picture again with '{calibrate}', or set tray.empty_tray to null"
            )
