"""What the sections of a manifest have in common."""

from pydantic import BaseModel, ConfigDict


class ManifestSection(BaseModel):
    """Immutable; a value that it does not know is an error where it is made, and left unused where a file is read."""

    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())
