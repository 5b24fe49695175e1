"""What Home Assistant is told of a bin: one device message for all of its entities.

https://www.home-assistant.io/integrations/mqtt/#mqtt-discovery: the keys are its abbreviations. What an entity does not name for
itself (topics, availability) it has of the device.
"""

import json
import re
from collections.abc import Iterator

from edge.link.compact_json import compact
from edge.link.link_settings import LinkSettings
from edge.link.state_messages import CONDITIONS
from edge.link.topics import Topics

BIRTH = b"online"
"""What Home Assistant says on its status topic as it starts; it forgets then what is not retained."""

Entity = dict[str, object]


def status_topic(discovery: str) -> str:
    """Where Home Assistant says that it has started. ``discovery``: what its discovery topics begin with."""
    return f"{discovery}/status"


def device_topic(settings: LinkSettings, discovery: str) -> str:
    """Where the device message of a bin stands."""
    return f"{discovery}/device/{_word(f'sorter_{settings.name}')}/config"


def device_message(settings: LinkSettings, topics: Topics) -> bytes:
    """The device message.

    Args:
        settings: the bin.
        topics: where what stands.
    """
    own = _word(f"sorter_{settings.name}")
    entities = dict(_entities(settings, topics))
    for name, entity in entities.items():
        entity["uniq_id"] = f"{own}_{name}"
    return compact(
        {
            "dev": {"ids": [own], "name": settings.name, "mdl": "smart-bin-sorter", "sw": settings.version},
            "o": {"name": "smart-bin-sorter", "sw": settings.version},
            "avty_t": topics.availability,
            "stat_t": topics.figures,
            "cmd_t": topics.command,
            "cmps": entities,
        }
    )


def _entities(settings: LinkSettings, topics: Topics) -> Iterator[tuple[str, Entity]]:
    """Name -> entity; a name that is free of signs is part of the unique id."""
    state, commands = {"stat_t": topics.state}, settings.commands
    yield (
        "condition",
        _sensor("Condition", "condition", **state, dev_cla="enum", ops=list(CONDITIONS)),
    )
    yield (
        "trouble",
        {
            "p": "binary_sensor",
            "name": "Trouble",
            "dev_cla": "problem",
            "stat_t": topics.trouble,
            "val_tpl": "{{'ON' if value_json.count else 'OFF'}}",
            "json_attr_t": topics.trouble,
        },
    )
    paused = "{{'ON' if value_json.get('paused') else 'OFF'}}"
    if {"pause", "go_on"} <= commands:
        asks = {"pl_on": _ask("pause"), "pl_off": _ask("go_on"), "stat_on": "ON", "stat_off": "OFF"}
        yield "pause", {"p": "switch", "name": "Pause", **state, "val_tpl": paused, **asks}
    else:
        yield "pause", {"p": "binary_sensor", "name": "Pause", **state, "val_tpl": paused}
    if "home" in commands:
        yield "home", {"p": "button", "name": "Flaps home", "pl_prs": _ask("home")}
    if "identify" in commands:
        yield "identify", {"p": "button", "name": "Identify", "dev_cla": "identify", "pl_prs": _ask("identify")}
    yield "item", _sensor("Last item", "label", stat_t=topics.event, json_attr_t=topics.event)
    if settings.pictures:
        yield "picture", {"p": "image", "name": "Last item", "img_t": topics.picture}
    yield "residual", _sensor("Residual share today", "residual_percent", unit_of_meas="%", stat_cla="measurement")
    yield (
        "temperature",
        _sensor(
            "Temperature",
            "temperature_c",
            unit_of_meas="°C",
            dev_cla="temperature",
            stat_cla="measurement",
            ent_cat="diagnostic",
        ),
    )
    for name in settings.level_bins:
        level = {"stat_t": topics.level, "unit_of_meas": "%", "stat_cla": "measurement"}
        yield f"level_{_word(name)}", _sensor(f"Level {name}", name, **level)
    for name in settings.bins:
        yield f"today_{_word(name)}", _sensor(f"{name} today", "today", name, stat_cla="total_increasing")


def _sensor(name: str, *way: str, **more: object) -> Entity:
    """A sensor whose value stands in a message. Where it does not, its state is unknown, and Home Assistant logs no warning.

    Args:
        name: as it is shown.
        way: to the value: fields of the message, each in the one before.
        more: what else Home Assistant is told.
    """
    place = "value_json" + "".join(f".{field}" for field in way[:-1]) + f".get({json.dumps(way[-1])})"
    return {"p": "sensor", "name": name, "val_tpl": f"{{{{{place}}}}}", **more}


def _ask(do: str) -> str:
    return json.dumps({"do": do}, separators=(",", ":"))


def _word(text: str) -> str:
    """A text as a part of a discovery topic, where few signs may stand."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", text)
