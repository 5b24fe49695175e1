"""Materials of an item's parts, as dictionaries that `scene` passes to Mitsuba.

Colours are sRGB triples of 0..1 or uint8 RGB pictures of shape (height, width, 3); `scene` turns both into textures.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

Picture = NDArray[np.uint8]
Colour = tuple[float, float, float] | Picture
Material = dict[str, Any]


def matte(colour: Colour, roughness: float = 0.75) -> Material:
    """Paper, cardboard, foam: little specular reflection. Roughness 0..1."""
    return _two_sided(colour, roughness, specular=0.25)


def glossy(colour: Colour, roughness: float = 0.25) -> Material:
    """Opaque plastic, lacquered print. Roughness 0..1."""
    return _two_sided(colour, roughness, specular=0.5)


def printed_metal(colour: Colour, roughness: float = 0.28, metallic: float = 0.75) -> Material:
    """Ink on metal: a can, a snack wrapper. `metallic` 0..1 is the share of metallic reflection."""
    return _two_sided(colour, roughness, specular=0.5, metallic=metallic)


def bare_metal(name: str = "Al", roughness: float = 0.15) -> Material:
    """Bare metal by its Mitsuba name ("Al", "Cu", "Cr"). Roughness 0.02..0.5."""
    return {"type": "twosided", "bsdf": {"type": "roughconductor", "material": name, "alpha": roughness}}


def glass(tint: tuple[float, float, float]) -> Material:
    """Thick glass that bends light; the tint (linear, 0..1) is applied at every surface that the light crosses."""
    return {"type": "dielectric", "int_ior": 1.5, "specular_transmittance": {"type": "rgb", "value": list(tint)}}


def clear_film(tint: tuple[float, float, float], haze: float = 0.08, colour: Colour | None = None) -> Material:
    """Thin clear plastic: light goes straight on, tinted (linear, 0..1).

    `haze` 0..1 is the share that scatters, in `colour` (None: the tint).
    """
    return {
        "type": "blendbsdf",
        "weight": haze,
        "clear": {
            "type": "thindielectric",
            "int_ior": 1.5,
            "specular_transmittance": {"type": "rgb", "value": list(tint)},
        },
        "haze": {
            "type": "twosided",
            "bsdf": {
                "type": "roughplastic",
                "alpha": 0.12,
                "diffuse_reflectance": tint_of(tint) if colour is None else texture(colour),
            },
        },
    }


def tint_of(tint: tuple[float, float, float]) -> Material:
    """A fixed linear colour."""
    return {"type": "rgb", "value": [min(1.0, 0.25 + 0.7 * t) for t in tint]}


def texture(colour: Colour) -> Material:
    """A colour or a picture, as `scene` expects it: a picture under the key "picture"."""
    if isinstance(colour, np.ndarray):
        return {"type": "bitmap", "picture": colour}
    return {"type": "rgb", "value": [_linear(c) for c in colour]}


def _linear(encoded: float) -> float:
    return encoded / 12.92 if encoded <= 0.04045 else ((encoded + 0.055) / 1.055) ** 2.4


def _two_sided(colour: Colour, roughness: float, **more: float) -> Material:
    return {
        "type": "twosided",
        "bsdf": {"type": "principled", "base_color": texture(colour), "roughness": roughness, **more},
    }
