"""Replaces the Raspberry Pi's display library, which picamera2 imports and a bin without a screen does not use."""

import sys
from unittest.mock import MagicMock

sys.modules[__name__] = MagicMock()
