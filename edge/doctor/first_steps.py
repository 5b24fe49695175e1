"""What to do first on a machine that has no camera yet: most checks have nothing to look at before that."""

from dataclasses import dataclass
from pathlib import Path

from edge.config.default import DEFAULT_CONFIG, EXAMPLES, is_packaged
from edge.config.invocation import invocation
from edge.doctor.camera import camera_devices, missing_camera, no_camera_advice
from edge.doctor.check_context import CheckContext
from edge.doctor.configuration import NONE_HERE, SERVICE_CONFIG, SIMULATED
from edge.doctor.finding import Finding

LIKELIEST = "trapdoor"
"""The example to start from: the design that docs/mechanics.md says to begin with."""


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What comes before everything that needs a camera.

    Attributes:
        why: what is missing, one sentence.
        steps: what to do, in this order.
        found: what the finding says that they stand for.
    """

    why: str
    steps: tuple[str, ...]
    found: str

    def covers(self, finding: Finding) -> bool:
        """Whether the steps say what to do about it."""
        return finding.found == self.found


def first_steps(context: CheckContext) -> FirstSteps | None:
    """The steps to the first camera; None: there is one, or the configuration must be corrected before."""
    config = context.config
    if config is None:
        return None
    file = context.config_file
    stop = "stop the service ('sudo systemctl stop sorter'), " if context.running else ""
    again = _step("look again, then also at camera, pins and service", "doctor", config=file)
    if config.camera.kind == "sim":
        steps = ["connect the camera, and the flaps with a supply of their own"]
        if is_packaged(file):
            if (context.host.root / SERVICE_CONFIG).exists():
                return None  # another one is meant, which the check of the configuration names
            others = ", ".join(name for name in sorted(EXAMPLES) if name != LIKELIEST)
            steps = [
                _step("write a configuration like your bin's", "init", "--example", LIKELIEST) + f"\n     (or {others})"
            ]
        find = "connect the camera, find it and fit the bin" if is_packaged(file) else "find the camera and fit the bin"
        steps += [_step(f"{stop}{find}", "calibrate", config=file), again]
        run = invocation("run", config=file)
        found = NONE_HERE if is_packaged(file) else SIMULATED
        return FirstSteps(f"No camera is chosen yet: '{run}' sorts in the simulated bin.", tuple(steps), found)
    if camera_devices(context.host, config) == []:
        connect = no_camera_advice(config) if config.camera.kind == "picamera2" else "plug the camera in"
        find = _step(f"{stop}choose it among those that are there", "calibrate", "camera", config=file)
        missing = missing_camera(config)
        return FirstSteps(f"The camera is not there ({missing}).", (connect, find, again), missing)
    return None


def _step(what: str, *words: str, config: Path = DEFAULT_CONFIG) -> str:
    """What to do, and below it the command to copy."""
    return f"{what}:\n     {invocation(*words, config=config)}"
