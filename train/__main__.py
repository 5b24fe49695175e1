"""``python -m train`` is ``sorter-train``."""

import sys

from train.cli import main

sys.exit(main())
