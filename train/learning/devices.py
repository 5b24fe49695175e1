"""What a run computes on: precision, and several devices at once through Keras' or TensorFlow's own engines."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import keras

from train.errors import SettingsError
from train.runs.settings import Settings

log = logging.getLogger("train")


def accelerators() -> int:
    """How many GPUs or TPUs the back end sees."""
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
    """Set precision and devices for the models that are built inside; everything is as before afterwards.

    Data-parallel training goes through ``keras.distribution`` on JAX and ``tf.distribute.MirroredStrategy`` on
    TensorFlow. Where there is no accelerator, virtual CPU devices stand in: no faster, but the same code.

    Raises:
        SettingsError: more devices than there are, or a back end that has no data-parallel engine in Keras.
    """
    before = keras.config.dtype_policy()
    with _data_parallel(settings.devices):
        # Asked for late: virtual devices can only be made before the back end looks at its devices.
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
            jax.config.update("jax_num_cpu_devices", devices)  # means nothing where there are accelerators
        except RuntimeError as error:
            log.debug("virtual devices: %s", error)  # JAX runs already: what there is is checked below
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
                log.debug("virtual devices: %s", error)  # TensorFlow runs already: what there is is checked below
        names = [one.name for one in tf.config.list_logical_devices(kind)]
        _check_device_count(devices, len(names))
        log.info("data-parallel on %s", ", ".join(names[:devices]))
        with tf.distribute.MirroredStrategy(names[:devices]).scope():
            yield
        return
    raise SettingsError(
        f"settings: devices = {devices} needs KERAS_BACKEND=jax or tensorflow: Keras spreads no work on {backend}"
    )


def _check_device_count(wanted: int, found: int) -> None:
    if found < wanted:
        raise SettingsError(f"settings: devices = {wanted}, but the back end has {found}; lower devices")
