"""Training: class folders of pictures in, a run folder with a Keras model out. Never imported on the Pi."""
