"""Pictures of waste items, made by physically based rendering.

An item is built from meshes and materials in code and rendered on a ground under a camera that looks down. Items that
let light through are rendered over a dark and over a light ground; the RGBA sprite is computed from the difference, so
that the tray shows through glass. Sprites include the shadow.

Run ``python -m train.sprites --help``. Rendering needs Mitsuba 3 (``smart-bin-sorter[render]``);
everything else in the package works without it.
"""

LABELS: tuple[str, ...] = ("cardboard", "glass", "metal", "paper", "plastic", "trash")
"""Labels that can be rendered: those of TrashNet."""
