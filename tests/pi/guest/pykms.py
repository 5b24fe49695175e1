"""In the place of the Pi's display library, which picamera2 imports and a bin without a screen never uses."""

import sys
from unittest.mock import MagicMock

sys.modules[__name__] = MagicMock()
