"""Mitsuba 3 with a variant set; the only module that imports it."""

import subprocess
from types import ModuleType

from edge.config.python_child import WORKING_FOLDER, python_code


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
    child = subprocess.run(python_code(code), cwd=WORKING_FOLDER, capture_output=True, check=False)
    return child.returncode == 0
