"""The configuration: can it be used, and does it mean a real bin?"""

from collections.abc import Iterator
from dataclasses import replace

from edge.commands.invocation import invocation
from edge.doctor.check_context import CheckContext
from edge.doctor.finding import Finding, failure, from_error, ok, warning
from edge.errors import SorterError
from edge.service.factories import make_presence

SERVICE_CONFIG = "etc/sorter/config.yaml"


def check_config(subject: CheckContext) -> Iterator[Finding]:
    """Is every section valid?"""
    elsewhere = not subject.config_file.exists() and (subject.host.root / SERVICE_CONFIG).exists()
    for problem in subject.problems:
        finding = from_error("config", problem, "correct it; config.yaml in the sources explains every key")
        yield replace(finding, advice=f"the service's is --config /{SERVICE_CONFIG}") if elsewhere else finding
    config = subject.config
    if config is None:
        return
    yield ok("config", f"{subject.config_file}: {', '.join(type(config).model_fields)}")
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
            again = invocation("calibrate", "reference", config=subject.config_file)
            yield failure("config", str(error), f"'{again}' takes it anew; or set tray.empty_tray to null")
