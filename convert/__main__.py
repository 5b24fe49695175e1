"""``python -m convert`` is ``sorter-convert``."""

import sys

from convert.cli import main

sys.exit(main())
