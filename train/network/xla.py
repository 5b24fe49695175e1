"""Where XLA, the compiler that Keras uses by default, is left out."""

import keras


def without_slow_xla(model: keras.Model) -> keras.Model:
    """Turn XLA off on TensorFlow without a GPU, where TensorFlow's own kernels are faster. Returns the model.

    XLA has no fast depthwise convolution for CPUs. Measured with MobileNetV2 at 128x128: a training step of 32 views takes
    10 s of CPU time with XLA and 1.2 s without, predictions of 64 views take 7 s and 0.4 s, and compiling takes longer.
    JAX always uses XLA and PyTorch never does, so that nothing is set there.

    Args:
        model: whose functions are not yet made, so before its first step or prediction; later it has no effect.
    """
    if keras.backend.backend() == "tensorflow":
        import tensorflow as tf

        if not tf.config.list_physical_devices("GPU"):
            model.jit_compile = False
    return model
