"""Home Assistant's core without a screen, with its MQTT integration alone: ``core.py FOLDER PORT``.

It runs under Debian 13's Python, where Home Assistant is, and loads nothing of this project. Lines on standard input are answered
by lines of JSON: ``states`` by what there is, ``call DOMAIN SERVICE ENTITY`` by null once that is done.
"""

import asyncio
import json
import logging
import socket
import sys
from pathlib import Path
from types import MappingProxyType

from homeassistant import auth, bootstrap, config_entries, core, loader
from homeassistant.helpers import device_registry, entity_registry
from homeassistant.setup import async_setup_component


class LoggedComplaints(logging.Handler):
    """What is warned of by those who read a bin's messages."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        if record.name.startswith(("homeassistant.components.mqtt", "homeassistant.helpers.template")):
            self.lines.append(record.getMessage())


async def start(folder: Path, port: int) -> core.HomeAssistant:
    """A core with a broker."""
    (folder / "configuration.yaml").write_text("{}\n")
    hass = core.HomeAssistant(str(folder))
    loader.async_setup(hass)
    hass.config.skip_pip = True
    hass.config_entries = config_entries.ConfigEntries(hass, {})
    await bootstrap.async_load_base_functionality(hass)
    hass.auth = await auth.auth_manager_from_config(hass, [], [])
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        web = {"server_host": "127.0.0.1", "server_port": probe.getsockname()[1]}
    for name, config in {"homeassistant": {}, "persistent_notification": {}, "http": {"http": web}}.items():
        if not await async_setup_component(hass, name, config):
            raise RuntimeError(f"{name} cannot be set up")
    entry = config_entries.ConfigEntry(
        data={"broker": "127.0.0.1", "port": port, "protocol": "5"},
        disabled_by=None,
        discovery_keys=MappingProxyType({}),
        domain="mqtt",
        entry_id="mqtt",
        minor_version=1,
        options={"discovery": True, "discovery_prefix": "homeassistant"},
        source="user",
        subentries_data=None,
        title="mqtt",
        unique_id=None,
        version=2,
    )
    await hass.config_entries.async_add(entry)
    if entry.state is not config_entries.ConfigEntryState.LOADED:
        raise RuntimeError(f"mqtt: {entry.state}: {entry.reason}")
    await hass.async_start()
    return hass


def states(hass: core.HomeAssistant, complaints: LoggedComplaints) -> dict[str, object]:
    """What there is."""
    found = {}
    for entity in entity_registry.async_get(hass).entities.values():
        state = hass.states.get(entity.entity_id)
        found[entity.unique_id] = {
            "entity": entity.entity_id,
            "state": None if state is None else state.state,
            "attributes": {} if state is None else dict(state.attributes),
        }
    devices = [device.name for device in device_registry.async_get(hass).devices.values()]
    return {"entities": found, "devices": devices, "complaints": complaints.lines}


async def main(folder: Path, port: int) -> None:
    """Run until standard input ends."""
    complaints = LoggedComplaints()
    logging.getLogger().addHandler(complaints)
    hass = await start(folder, port)
    while line := (await asyncio.to_thread(sys.stdin.readline)).split():
        answer: object = None
        if line[0] == "states":
            answer = states(hass, complaints)
        else:
            await hass.services.async_call(line[1], line[2], {"entity_id": line[3]}, blocking=True)
        print(json.dumps(answer, default=str), flush=True)
    await hass.async_stop(force=True)


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
