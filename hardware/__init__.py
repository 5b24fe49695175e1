"""Drivers of the bin: cameras, flaps, pins, clock, and the simulated bin. Imports nothing of ours."""

import os

# OpenCV reads them when it is loaded, so they are set before any module of ours imports it.
# Its decoders complain on stderr about files that hardware.pictures reports properly.
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")
# See hardware.pictures.kinds.MAX_PIXELS: refused from the header, before gigabytes are taken for the pixels.
os.environ.setdefault("OPENCV_IO_MAX_IMAGE_PIXELS", "100000000")
# In seconds. A silent USB camera is reopened before the watchdog ends the program; OpenCV waits ten by default.
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "3")
