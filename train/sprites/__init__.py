"""Pictures of waste items, made by physically based rendering.

An item is built from meshes and materials in code, lies on a ground under a camera that looks down, and is rendered
over a dark and over a light ground. From the difference comes an RGBA sprite: glass lets the tray show through, and
shadows come along. Run ``python -m train.sprites --help``. Rendering needs Mitsuba 3 (``smart-bin-sorter[render]``);
everything else in the package works without it.
"""

LABELS: tuple[str, ...] = ("cardboard", "glass", "metal", "paper", "plastic", "trash")
