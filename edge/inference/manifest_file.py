"""Reads and writes a manifest as JSON, so that older and newer programs read each other's models as far as that is safe."""

import json
from collections.abc import Iterator
from typing import get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import from_json

from edge.errors import ModelError
from edge.inference.manifest import FORMAT, Manifest
from hardware.passwords import shown

MOST_SHOWN = 80
"""Characters of a wrong value that a message shows."""


def parse_manifest(text: bytes) -> tuple[Manifest, tuple[str, ...]]:
    """Read a manifest.

    ``format`` is read before anything else. Keys that this program does not know are left unused, unless the manifest says in
    ``required`` that the model would be misread without them.

    Args:
        text: JSON.

    Returns:
        The manifest, and the keys that are not used, such as ``view.toning``.

    Raises:
        ModelError: its format or a required key is newer than this program, or a value is invalid.
    """
    try:
        values = from_json(text)
    except ValueError as error:
        raise ModelError(f"its manifest is invalid: {error}") from error
    if not isinstance(values, dict):
        raise ModelError(f"its manifest is invalid: expected an object, got {shown(values, MOST_SHOWN)}")
    wanted = values.get("format", 1)
    if isinstance(wanted, int) and wanted > FORMAT:
        raise ModelError(
            f"newer model: its format is {wanted}, this program reads up to {FORMAT}: upgrade the bin (docs/service.md)"
        )
    unknown = tuple(_take_unknown(values, Manifest))
    required = values.get("required", ())
    missing = sorted(
        set(unknown) & {one for one in required if isinstance(one, str)} if isinstance(required, list) else ()
    )
    if missing:
        raise ModelError(
            f"newer model: it cannot be used without {', '.join(missing)}, which this program does not know: upgrade the bin "
            "(docs/service.md)"
        )
    try:
        return Manifest.model_validate(values), unknown
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "manifest"
        raise ModelError(
            f"its manifest is invalid: {where}: {first['msg']}, got {shown(first['input'], MOST_SHOWN)}"
        ) from error


def dump_manifest(manifest: Manifest) -> str:
    """The manifest as JSON. Defaults are left out: a program that does not know a key can read what does not need it.

    A default must therefore never change.
    """
    values = manifest.model_dump(mode="json", exclude_defaults=True)
    return json.dumps({"format": manifest.format} | values, indent=2)


def _take_unknown(value: object, kind: object, path: str = "") -> Iterator[str]:
    """Remove what the type ``kind`` does not know from ``value``, and yield its keys, with dots between the levels."""
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        if not isinstance(value, dict):
            return
        for key in list(value):
            where = f"{path}.{key}" if path else str(key)
            if key in kind.model_fields:
                yield from _take_unknown(value[key], kind.model_fields[key].annotation, where)
            else:
                del value[key]
                yield where
        return
    origin, inner = get_origin(kind), get_args(kind)
    if origin is dict and isinstance(value, dict):
        for key, one in value.items():
            yield from _take_unknown(one, inner[1], f"{path}.{key}")
    elif origin is tuple and isinstance(value, list):
        for place, one in enumerate(value):
            yield from _take_unknown(one, inner[0], f"{path}.{place}")
    elif origin is not dict and origin is not tuple:  # a union, or an annotated type
        for argument in inner:
            yield from _take_unknown(value, argument, path)
