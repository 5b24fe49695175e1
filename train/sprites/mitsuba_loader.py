"""Mitsuba 3 with a variant set; the only module that imports it."""

import os
import subprocess
import sys
from types import ModuleType


class RendererMissingError(ImportError):
    """Mitsuba isn't installed."""


def load_mitsuba(variant: str = "auto") -> ModuleType:
    """Import Mitsuba and set its variant.

    Args:
        variant: "scalar_rgb", "llvm_ad_rgb", "cuda_ad_rgb"; "auto": llvm_ad_rgb where it works, else scalar_rgb.

    Raises:
        RendererMissingError: it isn't installed.
    """
    try:
        import mitsuba as mi
    except ImportError as error:
        raise RendererMissingError(
            "mitsuba is missing; install it with: pip install 'smart-bin-sorter[render]'"
        ) from error
    if mi.variant() is None or variant not in ("auto", mi.variant()):
        mi.set_variant(("llvm_ad_rgb" if _llvm_works() else "scalar_rgb") if variant == "auto" else variant)
    module: ModuleType = mi
    return module


def _llvm_works() -> bool:
    """Try LLVM in a process of its own: an LLVM that is too old for Dr.Jit aborts the process that calls it."""
    code = (
        "import mitsuba as mi; mi.set_variant('llvm_ad_rgb'); mi.render(mi.load_dict(mi.cornell_box()), spp=1).numpy()"
    )
    child = subprocess.run([sys.executable, "-c", code], capture_output=True, env=os.environ, check=False)
    return child.returncode == 0
