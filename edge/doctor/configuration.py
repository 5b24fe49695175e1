"""Check of the configuration: whether it is valid, and whether it describes a real bin."""

from collections.abc import Iterator
from dataclasses import replace

from edge.config.default import is_packaged
from edge.config.invocation import invocation
from edge.doctor.check_context import CheckContext
from edge.doctor.finding import Finding, failure, from_error, ok, warning
from edge.errors import SorterError
from edge.service.factories import make_presence
from hardware.section import SafetySwitchSection

SERVICE_CONFIG = "etc/sorter/config.yaml"
"""Where systemd/install.sh puts the service's configuration, below the root folder."""

NONE_HERE = "there is no config.yaml here, and the one that ships is the simulated bin"
SIMULATED = "camera.kind is sim: this is the simulated bin"
"""What is found where no camera has been chosen yet."""


def check_config(context: CheckContext) -> Iterator[Finding]:
    """Check that every section is valid, and warn of simulated parts."""
    packaged = is_packaged(context.config_file)
    elsewhere = packaged or not context.config_file.exists()
    elsewhere = elsewhere and (context.host.root / SERVICE_CONFIG).exists()
    init, the_service = invocation("init"), f"use the service's: --config /{SERVICE_CONFIG}"
    for problem in context.problems:
        finding = from_error(
            "config", problem, f"correct it; '{init} DIR' writes a config.yaml that explains every key"
        )
        yield replace(finding, advice=the_service) if elsewhere else finding
    config = context.config
    if config is None:
        return
    yield ok("config", f"{context.config_file}: {', '.join(type(config).model_fields)}")
    if packaged:
        advice = f"'{init}' writes one to start from"
        yield warning("config", NONE_HERE, f"{the_service}; {advice}" if elsewhere else advice)
    elif config.camera.kind == "sim":
        advice = "for a real one set camera.kind to opencv or picamera2, flaps.pin_factory to lgpio"
        yield warning("config", SIMULATED, advice)
    elif config.flaps.pin_factory == "mock" and config.camera.kind != "folder":
        yield warning("config", "flaps.pin_factory is mock: no flap on a pin moves", "set flaps.pin_factory to lgpio")
    for name, switch in config.panel.switches().items():
        if isinstance(switch, SafetySwitchSection) and switch.contact == "closes":
            found = f"panel.{name}.contact is closes: nobody is told when its wire breaks"
            yield warning("config", found, "fit a contact that opens, and set contact: opens")
    if config.tray.empty_tray is not None:
        try:
            make_presence(config)
        except SorterError as error:
            calibrate = invocation("calibrate", "reference", config=context.config_file)
            yield failure(
                "config", str(error), f"take the picture again with '{calibrate}', or set tray.empty_tray to null"
            )
