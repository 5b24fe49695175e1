"""Answers of the probes: written as JSON by the child process ``edge.doctor.probe``, read by the checks."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProbeFailure:
    """A probe that gave no answer.

    Attributes:
        error: the reason, in one sentence; advice may follow after a semicolon.
    """

    error: str


@dataclass(frozen=True, slots=True)
class RuntimeAnswer:
    """The TFLite runtimes that can be imported.

    Attributes:
        import_errors: distribution of a runtime -> why its import fails; None where it succeeds.
    """

    import_errors: dict[str, str | None]


@dataclass(frozen=True, slots=True)
class ModelAnswer:
    """The configured model, run on a grey view.

    Attributes:
        name: name of the model.
        labels: number of its labels.
        runtime: name and version of the runtime.
        latency_ms: median time per view, in milliseconds.
        total: sum of the probabilities; 1 if the runtime computes correctly.
        features: number of features, see ``edge.inference.features``; 0 for a model without.
        unused_keys: what its manifest says that this program does not know, and does not need; "" for nothing.
    """

    name: str
    labels: int
    runtime: str
    latency_ms: float
    total: float
    features: int = 0
    unused_keys: str = ""


@dataclass(frozen=True, slots=True)
class CoralAnswer:
    """An accelerator whose answers agree with the processor's.

    Attributes:
        delegate: name of its library.
    """

    delegate: str


@dataclass(frozen=True, slots=True)
class CameraAnswer:
    """Some frames of the configured camera.

    Attributes:
        camera: description of the camera.
        problem: why its pictures cannot be used; None if they can.
        age_s: median age of a frame when it was read, in seconds; None without a frame.
        edge_px: width of the sharpest edges, in pixels; None where there are none.
        unsharp: whether the pictures are too blurred to sort by.
        least_size: diameter of the smallest round thing that is seen, as a fraction of the tray's shorter side; None where the
            pictures are too noisy, or too few.
    """

    camera: str
    problem: str | None
    age_s: float | None
    edge_px: float | None
    unsharp: bool
    least_size: float | None


@dataclass(frozen=True, slots=True)
class PinAnswer:
    """Who uses the configured pins.

    Attributes:
        chip: number of the /dev/gpiochip.
        users: GPIO number, as text (a JSON key) -> name of its user; None where the pin is free.
    """

    chip: int
    users: dict[str, str | None]
