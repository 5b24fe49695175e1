"""Denoising of renders: Intel Open Image Denoise where it is installed, else a mild bilateral filter.

Glass and clear plastic have the most noise: a classifier would learn to recognize them by it.
"""

import ctypes
from functools import cache
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from types import ModuleType

import cv2
import numpy as np

from train.sprites.matting import Image


@cache
def _oidn() -> ModuleType | None:
    found = find_spec("oidn")
    if found is None or found.origin is None:
        return None
    try:
        # The wheel contains libtbb outside the loader's search path; a library that is loaded already is used.
        for library in sorted(Path(found.origin).parent.glob("lib.linux*/libtbb.so*")):
            ctypes.CDLL(str(library), ctypes.RTLD_GLOBAL)
        return import_module("oidn")
    except (ImportError, OSError):
        return None


def denoiser_available() -> bool:
    """Whether Open Image Denoise is installed (``pip install oidn``)."""
    return _oidn() is not None


def denoise_render(picture: Image, albedo: Image, normal: Image) -> Image:
    """Remove noise and preserve edges.

    Args:
        picture: linear light 0..1, shape (height, width, 3).
        albedo: surface colours 0..1, same shape; guides the filter at edges.
        normal: surface normals -1..1, same shape; guides the filter at edges.
    """
    oidn = _oidn()
    if oidn is None:
        root = np.sqrt(np.clip(picture, 0.0, 1.0))
        return np.asarray(cv2.bilateralFilter(root, 5, 0.06, 1.3) ** 2, dtype=np.float32)
    height, width = picture.shape[:2]
    images = {
        "color": np.ascontiguousarray(np.clip(picture, 0.0, 1.0), dtype=np.float32),
        "albedo": np.ascontiguousarray(np.clip(albedo, 0.0, 1.0), dtype=np.float32),
        "normal": np.ascontiguousarray(normal, dtype=np.float32),
        "output": np.zeros((height, width, 3), np.float32),
    }
    device = oidn.NewDevice()
    try:
        oidn.CommitDevice(device)
        work = oidn.NewFilter(device, "RT")
        try:
            for name, data in images.items():
                oidn.SetSharedFilterImage(work, name, data, oidn.FORMAT_FLOAT3, width, height)
            oidn.CommitFilter(work)
            oidn.ExecuteFilter(work)
        finally:
            oidn.ReleaseFilter(work)
    finally:
        oidn.ReleaseDevice(device)
    return np.asarray(np.clip(images["output"], 0.0, 1.0), dtype=np.float32)
