"""``python -m docs.drawings`` writes the pictures; with ``--check`` it names those that are not as the script draws them."""

import sys
from pathlib import Path

from docs.drawings.gallery import PICTURES

FOLDER = Path(__file__).parent


def main() -> int:
    """Write or check the pictures; 1 if one is stale."""
    stale = []
    for name, draw in PICTURES.items():
        path, svg = FOLDER / f"{name}.svg", draw().svg()
        if not path.exists() or path.read_text(encoding="utf-8") != svg:
            stale.append(path.name)
            if "--check" not in sys.argv:
                path.write_text(svg, encoding="utf-8")
    if stale:
        print(f"{'stale' if '--check' in sys.argv else 'written'}: {', '.join(stale)}")
    return 1 if stale and "--check" in sys.argv else 0


if __name__ == "__main__":
    sys.exit(main())
