"""What a schema knows of a place in a file: the keys that may stand there, and what a key expects."""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path
from types import UnionType
from typing import Annotated, Literal, Union, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt
from pydantic import BaseModel
from pydantic.fields import FieldInfo

NAMES = {int: "a whole number", float: "a number", str: "text", bool: "true or false", Path: "a path", dict: "keys"}
"""What a type is called in a file."""


def sections_at(root: type[BaseModel], keys: Sequence[str | int]) -> list[type[BaseModel]]:
    """The sections that may stand below a key: several where its kind decides, none where a value stands.

    Args:
        root: the outermost section.
        keys: the way to it, with the user's own names of bins and drives, and places in lists.
    """
    found: list[type[BaseModel]] = [root]
    own_name = False
    for key, after in pairwise((*keys, None)):
        if own_name or isinstance(key, int):
            own_name = False
            continue
        fields = [section.model_fields[key] for section in found if key in section.model_fields]
        own_name = any(get_origin(one.annotation) is dict for one in fields)
        in_list = None if after is None else isinstance(after, int)
        found = [section for one in fields for section in _sections(one.annotation, in_list=in_list)]
    return [] if own_name else found


def section_keys(root: type[BaseModel], keys: Sequence[str | int], kind: object = None) -> list[str]:
    """The keys that may stand below a key.

    Args:
        root: the outermost section.
        keys: the way to it.
        kind: of the section, if it has one; None: keys of all kinds.
    """
    sections = sections_at(root, keys)
    of_kind = [section for section in sections if kind in kinds_of([section])]
    return list(dict.fromkeys(name for section in of_kind or sections for name in section.model_fields))


def kinds_of(sections: Sequence[type[BaseModel]]) -> list[str]:
    """The values that the key ``kind`` of these sections may have."""
    fields = (section.model_fields.get("kind") for section in sections)
    return [kind for one in fields if one is not None for kind in get_args(one.annotation)]


def places_of(root: type[BaseModel], name: str) -> list[str]:
    """Where else a key of this name may stand, as dotted keys; not below names of the user's own."""
    return [".".join(keys) for keys in _all_keys(root, ()) if keys[-1] == name]


def expectation(root: type[BaseModel], keys: Sequence[str | int]) -> str:
    """What is expected under a key, in words; empty if the schema does not say."""
    *above, name = keys
    if isinstance(name, int):
        return ""
    sections = sections_at(root, above)
    if name == "kind" and (kinds := kinds_of(sections)):
        return f"one of {', '.join(kinds)}"
    field = next((section.model_fields[name] for section in sections if name in section.model_fields), None)
    return "" if field is None else " ".join([*_type_name(field), *_bounds(field)])


def _all_keys(section: type[BaseModel], above: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    for name, field in section.model_fields.items():
        yield (*above, name)
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel):
            yield from _all_keys(field.annotation, (*above, name))


def _sections(annotation: object, *, in_list: bool | None = None) -> Iterator[type[BaseModel]]:
    """The sections among the types that an annotation is made of; ``in_list``: only those in lists, or only the others."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        if not in_list:
            yield annotation
        return
    is_list = get_origin(annotation) in (tuple, list)
    if is_list and in_list is False:
        return
    for part in get_args(annotation):
        yield from _sections(part, in_list=None if is_list else in_list)


def _type_name(field: FieldInfo) -> Iterator[str]:
    annotation = field.annotation
    if get_origin(annotation) in (Union, UnionType):
        annotation = next((part for part in get_args(annotation) if part is not type(None)), None)
    if get_origin(annotation) is Annotated:
        annotation = get_args(annotation)[0]
    if get_origin(annotation) is Literal:
        yield f"one of {', '.join(map(str, get_args(annotation)))}"
        return
    if get_origin(annotation) is tuple:
        parts = get_args(annotation)
        yield "a list" if Ellipsis in parts else f"a list of {len(parts)}"
        return
    kind = get_origin(annotation) or annotation
    yield NAMES.get(kind, "a section") if isinstance(kind, type) else "a section"


def _bounds(field: FieldInfo) -> Iterator[str]:
    for one in field.metadata:
        for kind, attribute, words in ((Ge, "ge", "from"), (Gt, "gt", "above"), (Le, "le", "to"), (Lt, "lt", "below")):
            if isinstance(one, kind):
                yield f"{words} {getattr(one, attribute):g}"
