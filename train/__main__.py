"""``python -m train`` is ``sorter-train``."""

import sys

from train.cli import main

# Processes that make views start from here too.
if __name__ == "__main__":
    sys.exit(main())
