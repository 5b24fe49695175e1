"""Precision and devices of a run: data-parallel training through Keras' or TensorFlow's own means."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import keras

from train.errors import SettingsError
from train.runs.settings import Settings

log = logging.getLogger("train")


def accelerators() -> int:
    """Number of GPUs or TPUs that the back end finds."""
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        return sum(device.platform != "cpu" for device in jax.devices())
    if backend == "torch":
        import torch

        return int(torch.cuda.device_count())
    import tensorflow as tf

    return len(tf.config.list_physical_devices("GPU"))


@contextmanager
def compute_scope(settings: Settings) -> Iterator[None]:
    """Set precision and devices for the models that are built inside the context; afterwards they are restored.

    Data-parallel training goes through ``keras.distribution`` on JAX and ``tf.distribute.MirroredStrategy`` on
    TensorFlow. Without an accelerator, virtual CPU devices are used: no faster, but the same code.

    Raises:
        SettingsError: more devices than the back end has, or a back end without data-parallel training in Keras.
    """
    before = keras.config.dtype_policy()
    with _data_parallel(settings.devices):
        # After _data_parallel: virtual devices can only be made before the back end lists its devices.
        precision = settings.precision
        if precision == "auto":
            precision = "mixed_float16" if accelerators() else "float32"
        keras.config.set_dtype_policy(precision)
        if precision != "float32":
            log.info("precision: %s", precision)
        try:
            yield
        finally:
            keras.config.set_dtype_policy(before)


@contextmanager
def _data_parallel(devices: int) -> Iterator[None]:
    if devices == 1:
        yield
        return
    backend = keras.backend.backend()
    if backend == "jax":
        import jax

        try:
            jax.config.update("jax_num_cpu_devices", devices)  # has no effect on accelerators
        except RuntimeError as error:
            log.debug("virtual devices: %s", error)  # JAX is initialized already: the number is checked below
        found = jax.devices()
        _check_device_count(devices, len(found))
        before = keras.distribution.distribution()
        keras.distribution.set_distribution(
            keras.distribution.DataParallel(devices=[f"{one.platform}:{one.id}" for one in found[:devices]])
        )
        log.info("data-parallel on %s", ", ".join(str(one) for one in found[:devices]))
        try:
            yield
        finally:
            keras.distribution.set_distribution(before)
        return
    if backend == "tensorflow":
        import tensorflow as tf

        kind = "GPU" if tf.config.list_physical_devices("GPU") else "CPU"
        if kind == "CPU":
            try:
                tf.config.set_logical_device_configuration(
                    tf.config.list_physical_devices("CPU")[0], [tf.config.LogicalDeviceConfiguration()] * devices
                )
            except RuntimeError as error:
                log.debug(
                    "virtual devices: %s", error
                )  # TensorFlow is initialized already: the number is checked below
        names = [one.name for one in tf.config.list_logical_devices(kind)]
        _check_device_count(devices, len(names))
        log.info("data-parallel on %s", ", ".join(names[:devices]))
        with tf.distribute.MirroredStrategy(names[:devices]).scope():
            yield
        return
    raise SettingsError(
        f"settings: devices = {devices} needs KERAS_BACKEND=jax or tensorflow: Keras has no data-parallel training on {backend}"
    )


def _check_device_count(wanted: int, found: int) -> None:
    if found < wanted:
        raise SettingsError(f"settings: devices = {wanted}, but the back end has {found}; lower devices")
