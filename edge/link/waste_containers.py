"""The bins as a city's platform knows them: NGSI-LD entities of type WasteContainer, as smart-data-models.org describes them."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from edge.link.bin_view import BinView
from edge.link.link_settings import LinkSettings

CONTEXT = "https://raw.githubusercontent.com/smart-data-models/dataModel.WasteManagement/master/context.jsonld"
"""Says what the names of the entities mean."""

KINDS = {
    "battery": "batteries",
    "biological": "organic",
    "cardboard": "paper",
    "e-waste": "electronics",
    "glass": "glass",
    "metal": "metal",
    "organic": "organic",
    "paper": "paper",
    "plastic": "plastic",
}
"""Label -> kind of waste of the data model; of other labels, and of a bin of several kinds, it is ``other``."""


def waste_containers(view: BinView, settings: LinkSettings) -> list[dict[str, object]]:
    """An entity for each bin, as a context broker takes them (``entityOperations/upsert``); none without a place.

    What is not known is left out, so that the platform keeps what it was told last.
    """
    if settings.location is None:
        return []
    place = {"type": "GeoProperty", "value": {"type": "Point", "coordinates": list(settings.location)}}
    entities = []
    for name in settings.bins:
        known: dict[str, object] = {
            "name": f"{settings.name} {name}",
            "storedWasteKind": _kind(name, settings.labels),
            "status": _status(view),
        }
        if name in view.levels:
            known["fillingLevel"] = round(view.levels[name], 2)
        if name in view.emptied_wall_s:
            moment = datetime.fromtimestamp(view.emptied_wall_s[name], UTC)
            known["dateLastEmptying"] = {"@type": "DateTime", "@value": moment.strftime("%Y-%m-%dT%H:%M:%SZ")}
        properties: dict[str, object] = {key: {"type": "Property", "value": value} for key, value in known.items()}
        own = ":".join(re.sub(r"[^A-Za-z0-9_.-]", "_", part) for part in (settings.name, name))
        head: dict[str, object] = {
            "id": f"urn:ngsi-ld:WasteContainer:{own}",
            "type": "WasteContainer",
            "location": place,
        }
        entities.append(head | properties | {"@context": [CONTEXT]})
    return entities


def _kind(name: str, labels: Mapping[str, str]) -> str:
    kinds = {KINDS.get(label, "other") for label, its_bin in labels.items() if its_bin == name}
    return kinds.pop() if len(kinds) == 1 else "other"


def _status(view: BinView) -> str:
    if view.report is None:
        return "unknown"
    return "lidOpen" if view.report.get("held") == "lid" else "ok"
