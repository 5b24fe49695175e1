"""Training: class folders of pictures in, a run folder with a Keras model out. Never imported on the Pi."""

import hardware  # noqa: F401  sets OpenCV's limits before any module imports it
