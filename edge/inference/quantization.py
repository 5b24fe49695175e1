"""How int8 numbers of a model stand for real ones."""

from pydantic import Field

from edge.inference.manifest_section import ManifestSection


class Quantization(ManifestSection):
    """Affine quantization: real = scale * (quantized - zero_point)."""

    scale: float = Field(gt=0)
    zero_point: int = Field(ge=-128, le=127)
