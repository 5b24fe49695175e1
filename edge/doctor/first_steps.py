"""What to do first on a machine that has no camera yet: most checks have nothing to look at before that."""

from dataclasses import dataclass

from edge.config.default import EXAMPLES, is_packaged
from edge.config.invocation import invocation
from edge.doctor.camera import camera_devices, missing_camera, no_camera_advice
from edge.doctor.check_context import CheckContext
from edge.doctor.configuration import SERVICE_CONFIG
from edge.doctor.finding import CheckStatus, Finding

LIKELIEST = "three-bins"
"""The example to start from that most people's first bin is like."""


@dataclass(frozen=True, slots=True)
class FirstSteps:
    """What comes before everything else.

    Attributes:
        why: what is missing, one sentence.
        steps: what to do, in this order.
        check: the check whose warning or failure says the same.
    """

    why: str
    steps: tuple[str, ...]
    check: str

    def covers(self, finding: Finding) -> bool:
        """Whether the steps say what to do about it."""
        return finding.check == self.check and finding.status in (CheckStatus.WARNING, CheckStatus.FAILURE)


def first_steps(context: CheckContext) -> FirstSteps | None:
    """The steps to the first camera; None: there is one, or the configuration must be corrected before."""
    config = context.config
    if config is None:
        return None
    file = context.config_file
    stop = "stop the service ('sudo systemctl stop sorter'), then " if context.running else ""
    again = f"look again, then also at camera, pins and service: '{invocation('doctor', config=file)}'"
    if config.camera.kind == "sim":
        steps = ["connect the camera, and the flaps with a supply of their own"]
        if is_packaged(file):
            if (context.host.root / SERVICE_CONFIG).exists():
                return None  # another one is meant, which the check of the configuration names
            others = ", ".join(name for name in EXAMPLES if name != LIKELIEST)
            init = invocation("init", "--example", LIKELIEST)
            steps = [f"write a configuration like your bin's: '{init}' (others: {others})"]
        calibrate = invocation("calibrate", config=file)
        connect = "connect the camera, " if is_packaged(file) else ""
        steps += [f"{connect}{stop}find it and fit the bin: '{calibrate}'", again]
        run = invocation("run", config=file)
        return FirstSteps(f"No camera is chosen yet: '{run}' sorts in the simulated bin.", tuple(steps), "config")
    if camera_devices(context.host, config) == []:
        calibrate = invocation("calibrate", "camera", config=file)
        connect = no_camera_advice(config) if config.camera.kind == "picamera2" else "plug the camera in"
        find = f"{stop}choose it among those that are there: '{calibrate}'"
        return FirstSteps(f"The camera is not there ({missing_camera(config)}).", (connect, find, again), "camera")
    return None
