"""The doctor on imaginary machines: files under a folder, and commands with scripted results."""

import errno
import json
import os
import re
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import cv2
import numpy as np
import pytest
from rich.console import Console

from edge.cli import main
from edge.config.default import EXAMPLES
from edge.config.file import load_config
from edge.doctor import probe
from edge.doctor.check_context import make_check_context
from edge.doctor.checks import CHECKS, run_checks
from edge.doctor.finding import CheckStatus, Finding, failure
from edge.doctor.host import NOT_FOUND, TIMED_OUT, CommandResult, Host, run_command
from edge.doctor.overlays import taken_pins
from edge.doctor.probe_answers import CameraAnswer, PinAnswer
from edge.doctor.report import line_of, summary_of, table_of
from edge.inference.bundle import read_bundle
from edge.records.event_log import EventLog
from edge.records.repair_command import repair_command
from hardware.clock import ManualClock
from tests.builders.configuration import write_config
from tests.builders.heads import make_head, write_made_head
from tests.builders.pictures import Pixels, tray_picture
from tests.builders.values import make_event
from tests.doubles.camera import ScriptedCamera
from tests.paths import MODEL
from tests.processes import run_sorter

Capture = pytest.CaptureFixture[str]

PI_4, PI_5 = "Raspberry Pi 4 Model B Rev 1.4", "Raspberry Pi 5 Model B Rev 1.0"

VERSIONS = {
    "numpy": "2.2.0",
    "opencv-python-headless": "4.12.0.88",
    "gpiozero": "2.0.1.post3",
    "pydantic": "2.10.0",
    "pyyaml": "6.0.2",
    "rich": "13.9.0",
    "ai-edge-litert": "2.3.0",
    "lgpio": "0.2.2.0",
}

SERVICE = {
    "LoadState": "loaded",
    "UnitFileState": "enabled",
    "ActiveState": "active",
    "SubState": "running",
    "MainPID": "812",
    "NRestarts": "0",
    "Result": "success",
    "ExecMainStatus": "0",
    "StatusText": "tray: empty; 12 items sorted",
    "User": "sorter",
    "SupplementaryGroups": "",
    "RuntimeWatchdogUSec": "1min",
}

NO_TFLITE = "ModuleNotFoundError: No module named 'tflite_runtime'"

ANSWERS: dict[str, dict[str, object]] = {
    "runtime": {"import_errors": {"ai-edge-litert": None, "tflite-runtime": NO_TFLITE}},
    "model": {
        "name": "trashnet6",
        "labels": 6,
        "runtime": "ai-edge-litert 2.3.0",
        "latency_ms": 4.2,
        "total": 1.0,
        "features": 2502,
        "unused_keys": "",
    },
    "camera": {
        "camera": "opencv /dev/video0 320x240",
        "problem": None,
        "age_s": 0.04,
        "edge_px": 1.2,
        "unsharp": False,
        "least_size": 0.06,
    },
    "pins": {"chip": 0, "users": {"12": None, "13": None, "18": None, "23": None}},
}
"""Name of a probe -> its answer on a machine that is in order."""

HARDWARE = {
    "camera": {"kind": "opencv"},
    "flaps": {"pin_factory": "lgpio"},
    "bins": {name: {"flap": {"force_n": 4}} for name in ("paper", "glass", "packaging", "residual")},
}
"""A configuration of a real bin."""

MOUNTINFO = """\
22 1 179:2 / / rw,noatime shared:1 - ext4 /dev/root rw
23 22 0:5 / /proc rw,nosuid shared:2 - proc proc rw
"""


def lines(values: Mapping[str, str]) -> str:
    return "".join(f"{name}={value}\n" for name, value in values.items())


@dataclass
class ImaginaryPi:
    """A Raspberry Pi 4 in order, with the service running; a test breaks what it wants to be found.

    Attributes:
        root: root folder of its files.
        config: configuration file.
        results: first word of a command, or name of a probe -> its result.
        service: properties of the unit.
        versions: installed distributions.
        free_bytes: free space of the disk.
        i2c: (bus, address) -> whether a device answers, or the error.
        commands: commands that were run, each starting with its name or that of its probe.
    """

    root: Path
    config: Path
    results: dict[str, CommandResult] = field(default_factory=dict)
    service: dict[str, str] = field(default_factory=lambda: dict(SERVICE))
    versions: dict[str, str] = field(default_factory=lambda: dict(VERSIONS))
    free_bytes: int = 20_000_000_000
    i2c: dict[tuple[str, int], bool | OSError] = field(default_factory=dict)
    commands: list[tuple[str, ...]] = field(default_factory=list)

    def __post_init__(self) -> None:
        gid = os.getgid()
        self.put("proc/device-tree/model", f"{PI_4}\0")
        self.put("proc/self/mountinfo", MOUNTINFO)
        self.put("sys/class/thermal/thermal_zone0/temp", "48312")
        self.put("boot/firmware/config.txt", "dtparam=audio=on\n[all]\n")
        self.put("etc/passwd", "root:x:0:0::/root:/bin/sh\nsorter:x:997:60000::/var/lib/sorter:/sbin/nologin\n")
        # The device files belong to the group of the user who runs the test: pins and cameras get that group.
        self.put("etc/group", f"video:x:{gid}:sorter\ngpio:x:{gid}:sorter\ni2c:x:60001:\nplugdev:x:60002:sorter\n")
        for device in ("gpiochip0", "video0", "i2c-1", "watchdog0"):
            self.put(f"dev/{device}", "", mode=0o660)
        disk = self.root / "sys/devices/mmcblk0"
        self.put("sys/devices/mmcblk0/mmcblk0p2/partition", "2")
        self.put("sys/devices/mmcblk0/device/name", "SD32G")
        self.put("sys/fs/ext4/mmcblk0p2/errors_count", "0")
        self.put("sys/fs/ext4/mmcblk0p2/lifetime_write_kbytes", "40000000")
        self.link("sys/dev/block/179:2", str(disk / "mmcblk0p2"))
        self.results = {
            "vcgencmd": CommandResult(0, "throttled=0x0\n"),
            "timedatectl": CommandResult(0, "NTP=yes\nNTPSynchronized=yes\nTimezone=Europe/Berlin\n"),
            "uname": CommandResult(0, "aarch64\n"),
            "systemd-analyze": CommandResult(0, "[Journal]\nStorage=persistent\nSystemMaxUse=100M\n"),
            **{name: CommandResult(0, json.dumps(answer)) for name, answer in ANSWERS.items()},
        }

    def put(self, name: str, text: str, *, mode: int = 0o644) -> Path:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)
        return path

    def link(self, name: str, target: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.symlink_to(target)

    def answer(self, name: str, **changes: object) -> None:
        self.results[name] = CommandResult(0, json.dumps(ANSWERS[name] | changes))

    def stopped(self) -> None:
        self.service |= {"ActiveState": "inactive", "SubState": "dead", "MainPID": "0"}

    def run(self, command: Sequence[str], timeout_s: float) -> CommandResult:
        name = command[6] if command[0] == sys.executable else command[0]
        self.commands.append((name, *command[1:]))
        if name == "systemctl" and name not in self.results:
            return CommandResult(0, lines(self.service))
        return self.results.get(name, CommandResult(NOT_FOUND))

    def i2c_answers(self, bus: Path, address: int) -> bool:
        answer = self.i2c.get((bus.name, address), False)
        if isinstance(answer, OSError):
            raise answer
        return answer

    @property
    def host(self) -> Host:
        return Host(
            root=self.root,
            runner=self.run,
            python=(3, 11, 2),
            version_of=self.versions.get,
            answers=self.i2c_answers,
            disk_usage=lambda path: (32_000_000_000, 0, self.free_bytes),
            uid=1000,
            gids=frozenset({1000}),
        )

    def findings(self, *overrides: str) -> list[Finding]:
        return list(run_checks(make_check_context(self.host, self.config, overrides)))

    def of(self, check: str, *overrides: str) -> list[Finding]:
        subject = make_check_context(self.host, self.config, overrides)
        return list(CHECKS[check](subject))

    def one(self, check: str, *overrides: str) -> Finding:
        found = self.of(check, *overrides)
        assert len(found) == 1, found
        return found[0]


@pytest.fixture
def pi(tmp_path: Path) -> ImaginaryPi:
    config = write_config(tmp_path / "sorter.yaml", HARDWARE)
    return ImaginaryPi(tmp_path / "root", config)


# --- the whole --------------------------------------------------------------------------------------------------------


def test_on_a_sound_machine_nothing_is_wrong(pi: ImaginaryPi) -> None:
    found = {one.check: one for one in pi.findings()}
    assert list(found) == list(CHECKS)
    not_here = {"taught head", "coral", "hardware PWM", "i2c", "link"}
    for name, one in found.items():
        assert one.status is (CheckStatus.NOT_APPLICABLE if name in not_here else CheckStatus.OK), one
        assert one.advice == ""


def test_a_bare_machine_has_nothing_to_look_at_and_nothing_crashes(tmp_path: Path) -> None:
    pi = ImaginaryPi(tmp_path / "root", write_config(tmp_path / "sorter.yaml"))
    bare = replace(
        pi.host, root=tmp_path / "empty", runner=lambda command, timeout_s: CommandResult(NOT_FOUND, err="no such")
    )
    found = {one.check: one.status for one in run_checks(make_check_context(bare, pi.config))}
    for name in ("camera", "groups", "permissions", "pin conflicts", "pins", "i2c", "power", "temperature"):
        assert found[name] is CheckStatus.NOT_APPLICABLE, name
    for name in ("file system", "disk wear", "clock", "service"):
        assert found[name] is CheckStatus.NOT_APPLICABLE, name


def test_a_broken_configuration_lets_the_other_checks_run(pi: ImaginaryPi) -> None:
    write_config(pi.config, HARDWARE | {"camera": {"kind": "opencv", "fps": 0, "colour": "red"}})
    found = pi.findings()
    fps, colour = (one for one in found if one.check == "config")
    assert (fps.status, colour.status) == (CheckStatus.FAILURE, CheckStatus.FAILURE)
    assert "camera.fps: got 0" in fps.found
    assert "camera.colour: unknown key" in colour.found
    status = {one.check: one.status for one in found}
    for name in ("python", "packages", "runtime", "power", "temperature", "clock", "service"):
        assert status[name] is CheckStatus.OK, name
    for name in ("model", "camera", "pins", "disk space"):
        assert status[name] is CheckStatus.NOT_APPLICABLE, name


def test_a_configuration_that_is_elsewhere_is_pointed_to(pi: ImaginaryPi) -> None:
    pi.config.unlink()
    assert pi.one("config").advice == "name one with --config"
    pi.put("etc/sorter/config.yaml", "")
    assert pi.one("config").advice == "use the service's: --config /etc/sorter/config.yaml"


def test_a_bin_whose_flaps_are_not_real_is_reported(pi: ImaginaryPi) -> None:
    valid, simulated = pi.of("config", "flaps.pin_factory=mock")
    assert (valid.status, simulated.status) == (CheckStatus.OK, CheckStatus.WARNING)
    assert simulated.found == "flaps.pin_factory is mock: no flap on a pin moves"
    _, simulated = pi.of("config", "flaps.pin_factory=mock", "camera.kind=sim")
    assert simulated.found == "camera.kind is sim: this is the simulated bin"


def test_a_safety_switch_whose_wire_may_break_unnoticed_is_reported(pi: ImaginaryPi) -> None:
    switches = ("panel.lid={pin: 22}", "panel.stop_button={pin: 17, contact: closes}")
    _, found = pi.of("config", *switches)
    assert found.status is CheckStatus.WARNING
    assert found.found == "panel.stop_button.contact is closes: nobody is told when its wire breaks"


def test_a_strong_flap_without_a_lid_is_reported_whether_its_force_is_stated_or_not(pi: ImaginaryPi) -> None:
    assert pi.one("lid").status is CheckStatus.OK
    found = pi.one("lid", "bins.paper.flap.force_n=null", "bins.glass.flap.force_n=14")
    assert found.status is CheckStatus.WARNING
    assert found.found == "no panel.lid, and flaps count as strong: glass (14 N), paper (force_n is not stated)"
    assert "panel.lid: {pin: 22, contact: opens}" in found.advice
    assert "at most 10" in found.advice
    assert pi.one("lid", "bins.paper.flap.force_n=null", "panel.lid={pin: 22}").status is CheckStatus.OK
    simulated = ("camera.kind=sim", "flaps.pin_factory=mock")
    assert pi.one("lid", "bins.paper.flap.force_n=null", *simulated).status is CheckStatus.NOT_APPLICABLE


@pytest.mark.parametrize("name", EXAMPLES)
def test_an_example_has_a_lid_where_it_needs_one_and_moves_nothing_at_boot(pi: ImaginaryPi, name: str) -> None:
    pi.config = EXAMPLES[name]
    assert pi.one("lid").status is CheckStatus.OK
    assert pi.one("pins at boot").status in (CheckStatus.OK, CheckStatus.NOT_APPLICABLE)
    assert load_config(EXAMPLES[name]).panel.stop_button is not None


@pytest.mark.parametrize(
    ("flap", "is_told"),
    [
        ("{kind: servo, pin: 8, home_deg: 0, open_deg: 80}", True),
        ("{kind: servo, pin: 9, home_deg: 0, open_deg: 80}", False),
        ("{kind: relay, pin: 4, active_high: true}", True),
        ("{kind: relay, pin: 4, active_high: false}", False),
    ],
)
def test_a_drive_on_a_pin_that_is_high_at_boot_is_reported(pi: ImaginaryPi, flap: str, is_told: bool) -> None:
    found = pi.one("pins at boot", f"bins.paper.flap={flap}")
    assert (found.status is CheckStatus.WARNING) == is_told
    if is_told:
        assert found.found.startswith("bins.paper.flap.pin: GPIO ")
        assert found.advice == "choose a pin from GPIO 9 on, which is pulled low"


def test_the_gate_of_a_carousel_must_not_open_at_boot_either(pi: ImaginaryPi) -> None:
    pi.config = EXAMPLES["carousel"]
    (gate,) = pi.of("pins at boot", "drives.carousel.gate_pin=8", "drives.carousel.gate_active_high=true")
    assert gate.status is CheckStatus.WARNING
    assert gate.found.startswith("drives.carousel.gate_pin: GPIO 8 ")


def test_photographs_need_neither_camera_nor_pins(pi: ImaginaryPi) -> None:
    pi.stopped()
    pi.results["camera"] = CommandResult(
        0, json.dumps({"error": "camera.kind folder: folder camera: nix is not a folder"})
    )
    settings = ("camera.kind=folder", "camera.folder.path=nix", "flaps.pin_factory=mock")
    assert pi.one("config", *settings).status is CheckStatus.OK
    assert pi.one("camera", *settings).advice.startswith("set camera.folder.path")
    assert "camera.opencv.source" in pi.one("camera", "camera.opencv.source=nix.mp4").advice
    assert "plug it in" not in pi.one("camera", "camera.opencv.source=nix.mp4").advice


def test_an_empty_tray_that_is_not_there_is_reported(pi: ImaginaryPi, tmp_path: Path) -> None:
    valid, missing = pi.of("config", f"tray.empty_tray={tmp_path / 'nix.png'}")
    assert (valid.status, missing.status) == (CheckStatus.OK, CheckStatus.FAILURE)
    assert str(tmp_path / "nix.png") in missing.found
    assert missing.advice.endswith(f"calibrate reference --config {pi.config}', or set tray.empty_tray to null")


def test_what_only_root_may_look_at_is_no_fault_of_the_machine(pi: ImaginaryPi) -> None:
    def shut(path: Path) -> tuple[int, int, int]:
        raise PermissionError(errno.EACCES, "Permission denied", "/var/lib/sorter/events.sqlite")

    found = next(
        one
        for one in run_checks(make_check_context(replace(pi.host, disk_usage=shut), pi.config))
        if one.check == "disk space"
    )
    assert (found.status, found.found) == (CheckStatus.WARNING, "/var/lib/sorter/events.sqlite cannot be read")
    assert found.advice == "run it with sudo"


def test_a_place_that_takes_no_records_is_reported(pi: ImaginaryPi, tmp_path: Path) -> None:
    shut = tmp_path / "shut"
    shut.mkdir(mode=0o755)
    one = pi.one("disk space", f"event_log.file={shut}/events.sqlite")
    assert one.status is CheckStatus.FAILURE
    assert one.found.startswith(f"event_log.file {shut}/events.sqlite: sorter cannot write to {shut}")
    nowhere = replace(pi.host, disk_usage=lambda path: (0, 0, 0))  # as /proc
    (one,) = CHECKS["disk space"](make_check_context(nowhere, pi.config))
    assert "cannot write" in one.found
    assert "apt clean" not in one.advice


def test_a_check_that_fails_itself_is_reported_and_the_others_run(pi: ImaginaryPi) -> None:
    host = replace(pi.host, version_of=lambda name: 1 / 0)  # type: ignore[arg-type, return-value]
    found = list(run_checks(make_check_context(host, pi.config)))
    assert {one.check for one in found} == set(CHECKS)
    assert next(one for one in found if one.check == "packages").found.startswith(
        "the check itself fails: ZeroDivision"
    )


def test_nothing_is_probed_beside_a_running_service(pi: ImaginaryPi) -> None:
    pi.findings()
    probed = [command[0] for command in pi.commands if command[0] in ANSWERS]
    assert "camera" not in probed
    assert {command[0] for command in pi.commands} <= {
        "systemctl",
        "systemd-analyze",
        "vcgencmd",
        "timedatectl",
        *ANSWERS,
    }


# --- Python, packages, runtime, model ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("python", "status"),
    [
        ((3, 10, 9), CheckStatus.FAILURE),
        ((3, 11, 0), CheckStatus.OK),
        ((3, 13, 5), CheckStatus.OK),
        ((3, 14, 0), CheckStatus.FAILURE),
    ],
)
def test_python_must_be_one_of_three(pi: ImaginaryPi, python: tuple[int, int, int], status: CheckStatus) -> None:
    (found,) = CHECKS["python"](make_check_context(replace(pi.host, python=python), pi.config))
    assert found.status is status


@pytest.mark.parametrize(
    ("versions", "found", "advice"),
    [
        ({"gpiozero": "2.0.1.post1"}, "gpiozero 2.0.1.post1 does not find the pins of a Raspberry Pi 5", "post3"),
        ({"gpiozero": "2.0.1.post2"}, "gpiozero 2.0.1.post2", "post3"),
        ({"lgpio": "0.0.0.2"}, "lgpio 0.0.0.2 is an empty package", "apt install python3-lgpio"),
        ({"tflite-runtime": "2.14.0", "ai-edge-litert": ""}, "tflite-runtime was built for numpy 1", "numpy<2"),
        ({"numpy": "1.26.4"}, "opencv-python-headless 4.12.0.88 needs numpy 2", "opencv-python-headless<4.12"),
        ({"pydantic": ""}, "pydantic is not installed", "pip install -r requirements.txt"),
    ],
)
def test_known_bad_packages_are_named(pi: ImaginaryPi, versions: dict[str, str], found: str, advice: str) -> None:
    pi.versions = {name: version for name, version in (pi.versions | versions).items() if version}
    one = pi.one("packages")
    assert one.status is CheckStatus.FAILURE
    assert found in one.found
    assert advice in one.advice


def test_two_builds_of_opencv_are_reported(pi: ImaginaryPi) -> None:
    pi.versions["opencv-python"] = "4.12.0.88"
    assert pi.one("packages").status is CheckStatus.WARNING


def test_a_missing_runtime_is_reported_and_a_slow_one(pi: ImaginaryPi) -> None:
    del pi.versions["ai-edge-litert"]
    assert pi.one("runtime").status is CheckStatus.FAILURE
    pi.versions["tflite-runtime"] = "2.14.0"
    pi.answer("runtime", import_errors={"tflite-runtime": None})
    assert pi.one("runtime").status is CheckStatus.WARNING
    pi.results["uname"] = CommandResult(0, "armv7l\n")
    assert pi.one("runtime").status is CheckStatus.OK, "32-bit Raspberry Pi OS has no other"


def test_a_runtime_that_cannot_be_imported_is_reported_with_its_reason(pi: ImaginaryPi) -> None:
    pi.answer("runtime", import_errors={"ai-edge-litert": "ImportError: libc.so.6: version GLIBC_2.38 not found"})
    one = pi.one("runtime")
    assert one.status is CheckStatus.FAILURE
    assert "GLIBC_2.38" in one.found


def test_what_crashes_or_hangs_does_so_in_a_child(pi: ImaginaryPi) -> None:
    pi.results["model"] = CommandResult(-signal.SIGILL)
    assert pi.one("model").found == "it crashes (SIGILL)"
    pi.results["model"] = CommandResult(TIMED_OUT)
    assert "hangs" in pi.one("model").found
    pi.results["model"] = CommandResult(1, "", "Traceback ...\nImportError: libGL.so.1: cannot open shared object file")
    assert pi.one("model").found.startswith("ImportError: libGL.so.1")


def test_a_model_that_answers_late_or_wrong_is_reported(pi: ImaginaryPi) -> None:
    pi.answer("model", latency_ms=90.0)
    assert pi.one("model", "camera.fps=10").status is CheckStatus.OK
    assert pi.one("model", "camera.fps=15").status is CheckStatus.WARNING
    pi.answer("model", total=0.3)
    assert pi.one("model").status is CheckStatus.FAILURE
    pi.results["model"] = CommandResult(
        0, json.dumps({"error": f"model {MODEL}: damaged: its SHA-256 is not; copy it again"})
    )
    assert (pi.one("model").status, pi.one("model").advice) == (CheckStatus.FAILURE, "copy it again")


def test_a_taught_head_is_named_by_its_labels_and_those_without_a_bin_are_told(pi: ImaginaryPi) -> None:
    base = read_bundle(MODEL).manifest
    assert base.features is not None
    file = load_config(pi.config).head_file
    write_made_head(file, make_head(("glass", "metal"), base=base, numbers=base.features.size))
    assert (pi.one("taught head").status, pi.one("taught head").found) == (CheckStatus.OK, "glass, metal")
    write_made_head(file, make_head(("glass", "cup"), base=base, numbers=base.features.size))
    found = pi.one("taught head")
    assert (found.status, found.advice) == (CheckStatus.WARNING, "add it to decision.labels")
    assert "cup: without a bin, goes to residual" in found.found
    write_made_head(file, make_head())
    found = pi.one("taught head")
    assert (found.status, found.advice) == (CheckStatus.WARNING, "fit it again from its pictures with this model")


def test_what_a_newer_model_says_and_is_not_used_is_named_and_no_fault(pi: ImaginaryPi) -> None:
    pi.answer("model", features=2502, unused_keys="'depth', 'view.polar'")
    one = pi.one("model")
    assert one.status is CheckStatus.OK
    assert one.found.endswith("; newer than this program, which does not use 'depth', 'view.polar'")


def test_a_model_with_which_a_bin_cannot_be_taught_is_told(pi: ImaginaryPi) -> None:
    pi.answer("model", features=0)
    assert "without features: the bin cannot be taught with it" in pi.one("model").found
    pi.answer("model", features=2502)
    assert "features" not in pi.one("model").found


CORAL = ("model.delegate=libedgetpu.so.1", "model.delegate_file=compiled.tflite")


def test_a_coral_is_left_to_the_service_and_tried_without_it(pi: ImaginaryPi) -> None:
    pi.results["coral"] = CommandResult(0, json.dumps({"delegate": "libedgetpu.so.1"}))
    assert pi.one("coral", *CORAL).found == "libedgetpu.so.1: in use by the service, not checked"
    pi.stopped()
    assert pi.one("coral", *CORAL).found == "libedgetpu.so.1 answers as the processor does"
    assert pi.one("model", *CORAL).status is CheckStatus.OK
    assert pi.commands[-1][-1] == "model.delegate=null", "the line 'model' is the processor's"


def test_a_coral_that_does_not_answer_is_reported_and_whether_it_is_plugged_in(pi: ImaginaryPi) -> None:
    pi.stopped()
    pi.results["coral"] = CommandResult(
        0, json.dumps({"error": "model.delegate: libedgetpu.so.1: it is lost; see that it is"})
    )
    assert [one.found for one in pi.of("coral", *CORAL)] == [
        "there is no Coral on USB or PCIe",
        "model.delegate: libedgetpu.so.1: it is lost",
    ]
    pi.put("sys/bus/usb/devices/2-1/idVendor", "1a6e\n")
    pi.put("sys/bus/usb/devices/2-1/idProduct", "089a\n")
    assert pi.one("coral", *CORAL).advice == "see that it is"
    pi.results["coral"] = CommandResult(-signal.SIGSEGV)
    assert pi.one("coral", *CORAL).found == "it crashes (SIGSEGV)"


# --- camera -----------------------------------------------------------------------------------------------------------


def test_a_camera_that_the_service_uses_is_left_alone(pi: ImaginaryPi) -> None:
    one = pi.one("camera")
    assert one.status is CheckStatus.OK
    assert "in use by the service (pid 812), not opened" in one.found


def test_a_camera_is_opened_when_the_service_does_not_run(pi: ImaginaryPi) -> None:
    pi.stopped()
    one = pi.one("camera")
    assert one.status is CheckStatus.OK
    seen = "things from 6.0% of the tray's shorter side on are seen"
    assert one.found == f"opencv /dev/video0 320x240, frames 0.04 s old, {seen}"


def test_a_missing_camera_is_reported_by_its_key(pi: ImaginaryPi) -> None:
    one = pi.one("camera", "camera.opencv.source=/dev/video7")
    assert (one.status, one.found) == (CheckStatus.FAILURE, "camera.opencv.source: there is no /dev/video7")


def test_who_holds_the_camera_is_named(pi: ImaginaryPi) -> None:
    pi.stopped()
    pi.results["camera"] = CommandResult(
        0, json.dumps({"error": "opencv /dev/video0 320x240: cannot open it; is it plugged in?"})
    )
    assert pi.one("camera").advice == "is it plugged in?; run it with sudo to see which process holds the camera"
    pi.put("proc/4711/comm", "motion\n")
    pi.link("proc/4711/fd/7", "/dev/video0")
    pi.put("proc/4712/comm", "cat\n")
    pi.link("proc/4712/fd/3", "/dev/null")
    one = pi.one("camera")
    assert one.found == "opencv /dev/video0 320x240: cannot open it: held by motion (pid 4711)"
    assert one.advice == "end motion (pid 4711)"


@pytest.mark.parametrize(
    ("seen", "status", "text"),
    [
        (
            {"problem": "the camera's pictures are black, nothing is sorted: check lamp"},
            CheckStatus.FAILURE,
            "are black",
        ),
        ({"unsharp": True, "edge_px": 6.5}, CheckStatus.WARNING, "blurred: edges are 6.5 pixels wide"),
        ({"edge_px": None}, CheckStatus.OK, "320x240"),
        ({"least_size": None}, CheckStatus.WARNING, "so noisy that things of a fifth of the tray are missed"),
        ({"age_s": 0.9}, CheckStatus.FAILURE, "camera.max_frame_age_s is 0.5 s"),
        ({"problem": "no frame arrived", "age_s": None}, CheckStatus.FAILURE, "no frame arrived"),
    ],
)
def test_bad_pictures_are_reported(pi: ImaginaryPi, seen: dict[str, object], status: CheckStatus, text: str) -> None:
    pi.stopped()
    pi.answer("camera", **seen)
    one = pi.one("camera")
    assert one.status is status
    assert text in one.found


# --- pins, groups, permissions ----------------------------------------------------------------------------------------


def test_a_missing_group_is_reported_with_the_command(pi: ImaginaryPi) -> None:
    pi.put("etc/group", f"video:x:{os.getgid()}:sorter\ngpio:x:60003:\n")
    one = pi.one("groups")
    assert (one.status, one.found) == (CheckStatus.FAILURE, "sorter is not in gpio")
    assert one.advice == "'sudo usermod -aG gpio sorter', then restart the service"


def test_a_system_without_the_groups_is_reported(pi: ImaginaryPi) -> None:
    pi.put("etc/group", f"video:x:{os.getgid()}:sorter\n")
    unknown, known = pi.of("groups")
    assert (unknown.status, unknown.found) == (CheckStatus.WARNING, "this system has no group gpio")
    assert (known.status, known.found) == (CheckStatus.OK, "sorter is in video")


def test_groups_that_the_unit_adds_count(pi: ImaginaryPi) -> None:
    pi.put("etc/group", f"video:x:{os.getgid()}:\ngpio:x:60003:\n")
    assert pi.one("groups").status is CheckStatus.FAILURE
    pi.service["SupplementaryGroups"] = "video gpio"
    assert pi.one("groups").status is CheckStatus.OK


def test_a_device_that_the_service_may_not_use_is_reported(pi: ImaginaryPi) -> None:
    assert pi.one("permissions").status is CheckStatus.OK
    pi.put("dev/gpiochip0", "", mode=0o600)
    one = pi.one("permissions")
    assert one.status is CheckStatus.FAILURE
    assert one.found.startswith("sorter may not use /dev/gpiochip0 (group ")


def test_a_device_of_a_group_that_the_service_is_not_in_is_reported(pi: ImaginaryPi) -> None:
    pi.put("etc/group", f"dialout:x:{os.getgid()}:\nvideo:x:60005:sorter\ngpio:x:60006:sorter\n")
    barred = pi.of("permissions")
    assert [one.found for one in barred] == [
        "sorter may not use /dev/gpiochip0 (group dialout, mode 660)",
        "sorter may not use /dev/video0 (group dialout, mode 660)",
    ]


def test_without_a_service_the_current_user_is_checked(pi: ImaginaryPi) -> None:
    pi.service["LoadState"] = "not-found"
    pi.put("etc/passwd", "root:x:0:0::/root:/bin/sh\npi:x:1000:1000::/home/pi:/bin/sh\n")
    one = pi.one("groups")
    assert (one.found, one.advice) == (
        "pi is not in video, gpio",
        "'sudo usermod -aG video,gpio pi', then log in again",
    )
    (one,) = CHECKS["groups"](make_check_context(replace(pi.host, uid=0, gids=frozenset({0})), pi.config))
    assert (one.status, one.found) == (CheckStatus.OK, "root needs no group")


def test_without_a_gpio_chip_the_pins_fail(pi: ImaginaryPi) -> None:
    (pi.root / "dev/gpiochip0").unlink()
    assert pi.one("pins").status is CheckStatus.FAILURE


def test_pins_that_the_service_holds_are_in_order_and_those_of_others_are_not(pi: ImaginaryPi) -> None:
    users = {"12": "lg", "13": "lg", "18": "lg", "23": "lg"}
    pi.answer("pins", users=users)
    assert pi.one("pins").found == "gpiochip0: 12, 13, 18, 23 in use by the service"
    pi.stopped()
    assert [one.status for one in pi.of("pins")] == [CheckStatus.FAILURE] * 4
    pi.answer("pins", users={"12": None, "13": "spi0 CS1", "18": None, "23": None})
    one = pi.one("pins")
    assert one.found == "bins.glass.flap.pin: GPIO 13 is in use by spi0 CS1"


def test_pins_that_config_txt_gives_away_are_reported_by_key_and_line(pi: ImaginaryPi) -> None:
    pi.put(
        "boot/firmware/config.txt", "dtparam=spi=on\n[pi5]\ndtoverlay=pwm,pin=12,func=4\n[all]\ndtoverlay=pwm-2chan\n"
    )
    one = pi.one("pin conflicts")
    assert one.status is CheckStatus.FAILURE
    assert one.found == (
        "bins.packaging.flap.pin: GPIO 18 is assigned by 'dtoverlay=pwm-2chan' in /boot/firmware/config.txt"
    )


def test_the_pins_of_a_bus_that_is_used_are_no_conflict(pi: ImaginaryPi) -> None:
    pi.put("boot/firmware/config.txt", "dtparam=i2c_arm=on\n")
    assert pi.one("pin conflicts", BOARD).status is CheckStatus.OK
    lid = "panel.lid={pin: 2}"
    assert pi.one("pin conflicts", lid).found.startswith("panel.lid.pin: GPIO 2 is assigned by 'dtparam=i2c_arm=on'")


@pytest.mark.parametrize(
    ("text", "pins"),
    [
        ("", set()),
        ("# dtparam=spi=on\ndtparam=audio=on\ndtoverlay=vc4-kms-v3d\nstart_x=1\n", set()),
        ("dtparam=i2c_arm=on,spi=on", {2, 3, 7, 8, 9, 10, 11}),
        ("dtparam=i2c_arm=off", set()),
        ("dtparam=i2s=on", {18, 19, 20, 21}),
        ("enable_uart=1", {14, 15}),
        ("enable_uart=0", set()),
        ("dtoverlay=w1-gpio", {4}),
        ("dtoverlay=w1-gpio,gpiopin=17", {17}),
        ("dtoverlay=pwm-2chan,pin=12,func=4,pin2=13,func2=4", {12, 13}),
        ("dtoverlay=i2c-gpio,bus=3", {23, 24}),
        ("dtoverlay=i2c-gpio,i2c_gpio_sda=5,i2c_gpio_scl=6,i2c_gpio_delay_us=2", {5, 6}),
        ("dtoverlay=gpio-fan,gpiopin=14,temp=80000", {14}),
        ("dtoverlay=uart2", {0, 1}),
        ("[pi5]\ndtoverlay=uart5", set()),
        ("[pi4]\ndtoverlay=uart5", {12, 13}),
        ("[cm4]\ndtoverlay=uart5", set()),
        ("[none]\ndtoverlay=uart5\n[all]\ndtoverlay=uart3", {4, 5}),
    ],
)
def test_config_txt_is_read_as_the_firmware_does(text: str, pins: set[int]) -> None:
    assert set(taken_pins(text, PI_4)) == pins


def test_overlays_of_a_raspberry_pi_5_lie_elsewhere() -> None:
    assert set(taken_pins("[pi5]\ndtoverlay=uart2-pi5", PI_5)) == {4, 5}
    assert set(taken_pins("[pi5]\ndtoverlay=uart2", "Raspberry Pi 500 Rev 1.0")) == {4, 5}


def test_a_channel_of_the_kernels_pwm_must_be_there(pi: ImaginaryPi) -> None:
    flap = "bins.paper.flap={kind: hardware_servo, chip: 0, channel: 2, home_deg: -45, open_deg: 45}"
    assert pi.one("hardware PWM", flap).found == "bins.paper.flap.chip: there is no /sys/class/pwm/pwmchip0"
    pi.put("sys/class/pwm/pwmchip0/npwm", "2\n")
    assert pi.one("hardware PWM", flap).found == "bins.paper.flap.channel: got 2, pwmchip0 has 0..1"
    pi.put("sys/class/pwm/pwmchip0/npwm", "4\n")
    assert pi.one("hardware PWM", flap).status is CheckStatus.OK


def test_without_a_number_the_pwm_is_the_headers_and_not_the_fans(pi: ImaginaryPi) -> None:
    flap = "bins.paper.flap={kind: hardware_servo, channel: 0, home_deg: -45, open_deg: 45}"
    pi.put("sys/devices/1f0009c000.pwm/pwm/pwmchip0/npwm", "4\n")
    pi.link("sys/class/pwm/pwmchip0", str(pi.root / "sys/devices/1f0009c000.pwm/pwm/pwmchip0"))
    pi.link("sys/devices/1f0009c000.pwm/pwm/pwmchip0/device", "../..")
    one = pi.one("hardware PWM", flap)
    assert one.found == "bins.paper.flap.chip: there is no PWM on the header's pins"
    assert "dtoverlay=pwm-2chan" in one.advice
    pi.put("sys/devices/1f00098000.pwm/pwm/pwmchip1/npwm", "4\n")
    pi.link("sys/class/pwm/pwmchip1", str(pi.root / "sys/devices/1f00098000.pwm/pwm/pwmchip1"))
    pi.link("sys/devices/1f00098000.pwm/pwm/pwmchip1/device", "../..")
    assert pi.one("hardware PWM", flap).found == "pwmchip1 channel 0"


# --- I2C --------------------------------------------------------------------------------------------------------------

BOARD = "bins.paper.flap={kind: pca9685, address: 0x40, channel: 0, home_deg: -45, open_deg: 45}"


def test_an_i2c_device_is_asked_when_the_service_does_not_use_it(pi: ImaginaryPi) -> None:
    assert pi.one("i2c", BOARD).found == "pca9685 at 0x40 on bus 1: in use by the service, not checked"
    pi.stopped()
    one = pi.one("i2c", BOARD)
    assert one.found == "bins.paper.flap.address: pca9685 at 0x40 on bus 1 does not answer"
    assert "i2cdetect -y 1" in one.advice
    pi.i2c["i2c-1", 0x40] = True
    assert pi.one("i2c", BOARD).status is CheckStatus.OK


def test_what_is_in_the_way_of_an_i2c_device_is_reported(pi: ImaginaryPi) -> None:
    pi.stopped()
    pi.i2c["i2c-1", 0x40] = OSError(errno.EBUSY, "busy")
    assert "held by a kernel driver" in pi.one("i2c", BOARD).found
    pi.i2c["i2c-1", 0x40] = PermissionError(errno.EACCES, "denied")
    assert "no access to /dev/i2c-1" in pi.one("i2c", BOARD).found
    (pi.root / "dev/i2c-1").unlink()
    one = pi.one("i2c", BOARD)
    assert one.found == "bins.paper.flap.bus: there is no /dev/i2c-1"
    assert "do_i2c" in one.advice


def test_a_bus_that_is_missing_comes_with_the_line_that_makes_it_on_free_pins(pi: ImaginaryPi) -> None:
    pi.stopped()
    level = "bins.paper.level={kind: vl53l0x, bus: 3, empty_m: 0.6, full_m: 0.1}"
    one = pi.one("i2c", level, "panel.light={kind: leds, ready: 5}")
    assert one.found == "bins.paper.level.bus: there is no /dev/i2c-3"
    assert "'dtoverlay=i2c-gpio,bus=3,i2c_gpio_sda=6,i2c_gpio_scl=16' in /boot/firmware/config.txt" in one.advice


def test_a_sensor_that_gets_its_address_later_is_asked_where_it_wakes_up(pi: ImaginaryPi) -> None:
    pi.stopped()
    level = "bins.paper.level={kind: vl53l0x, xshut_pin: 16, address: 0x30, empty_m: 0.6, full_m: 0.1}"
    assert pi.one("i2c", level).status is CheckStatus.FAILURE
    for address in (0x29, 0x30):
        pi.i2c = {("i2c-1", address): True}
        assert pi.one("i2c", level).found == "vl53l0x at 0x30 on bus 1 answers"


# --- power, heat, clock -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("bits", "status", "found"),
    [
        ("0x0", CheckStatus.OK, "no under-voltage"),
        ("0x50005", CheckStatus.FAILURE, "under-voltage now"),
        ("0x50000", CheckStatus.WARNING, "under-voltage since start"),
        ("0x40000", CheckStatus.WARNING, "throttled since start"),
        ("0x8", CheckStatus.WARNING, "soft temperature limit now"),
    ],
)
def test_the_supply_is_reported_now_and_since_start(
    pi: ImaginaryPi, bits: str, status: CheckStatus, found: str
) -> None:
    pi.results["vcgencmd"] = CommandResult(0, f"throttled={bits}\n")
    one = pi.one("power")
    assert one.status is status
    assert found in one.found


def test_without_vcgencmd_the_kernel_reports_the_supply(pi: ImaginaryPi) -> None:
    del pi.results["vcgencmd"]
    assert pi.one("power").status is CheckStatus.NOT_APPLICABLE
    pi.put("sys/class/hwmon/hwmon1/name", "rpi_volt\n")
    alarm = pi.put("sys/class/hwmon/hwmon1/in0_lcrit_alarm", "0\n")
    assert pi.one("power").status is CheckStatus.OK
    alarm.write_text("1\n")
    assert pi.one("power").status is CheckStatus.FAILURE
    pi.put("sys/devices/platform/soc/soc:firmware/get_throttled", "50000\n")
    assert pi.one("power").status is CheckStatus.WARNING


@pytest.mark.parametrize(
    ("millidegrees", "status"),
    [("48312", CheckStatus.OK), ("72000", CheckStatus.WARNING), ("84000", CheckStatus.FAILURE)],
)
def test_heat_is_reported_before_it_slows_the_processor_down(
    pi: ImaginaryPi, millidegrees: str, status: CheckStatus
) -> None:
    pi.put("sys/class/thermal/thermal_zone0/temp", millidegrees)
    assert pi.one("temperature").status is status


def test_a_clock_that_is_not_synchronized_is_reported(pi: ImaginaryPi) -> None:
    for ntp in ("yes", "no"):
        pi.results["timedatectl"] = CommandResult(0, f"NTP={ntp}\nNTPSynchronized=no\nTimezone=Etc/UTC\n")
        assert pi.one("clock").status is CheckStatus.WARNING
    assert "set-ntp true" in pi.one("clock").advice


# --- disk -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("free_mb", "status"), [(20_000, CheckStatus.OK), (400, CheckStatus.WARNING), (30, CheckStatus.FAILURE)]
)
def test_a_full_disk_is_reported(pi: ImaginaryPi, free_mb: int, status: CheckStatus) -> None:
    pi.free_bytes = free_mb * 1_000_000
    assert pi.one("disk space").status is status


def test_a_reserve_that_leaves_no_room_for_pictures_is_reported(pi: ImaginaryPi) -> None:
    pi.free_bytes = 900_000_000
    one = pi.one("disk space", "event_log.reserve_mb=1000")
    assert one.status is CheckStatus.WARNING
    assert "none while less than 1,000 MB (event_log.reserve_mb) are free" in one.found


def test_a_log_that_was_set_aside_is_reported_until_it_is_repaired(pi: ImaginaryPi, tmp_path: Path) -> None:
    file = tmp_path / "state" / "events.sqlite"
    assert pi.one("event log").found == "none yet: nothing has been sorted"
    with EventLog(file) as log:
        log.start_session(wall_s=1.0, model="m")
        log.record(make_event(1))
    assert pi.one("event log").found == "1 events, sound"
    sound = file.read_bytes()
    file.write_bytes(sound[:6000])
    damaged = pi.one("event log")
    assert damaged.status is CheckStatus.FAILURE
    assert repair_command(file) in damaged.advice
    EventLog(file).close()
    aside = pi.one("event log")
    assert aside.status is CheckStatus.WARNING
    assert "events.sqlite.damaged-1" in aside.found
    assert main(["events", "--repair", "--config", str(pi.config)]) == 0
    assert pi.one("event log").status is CheckStatus.OK


def test_the_days_that_the_pictures_last_are_reported_by_their_rate(pi: ImaginaryPi) -> None:
    images = pi.config.parent / "state" / "images"
    images.mkdir(parents=True)
    images.parent.chmod(0o777)  # the service's user is not the one who runs the test
    for number in range(5):
        path = images / f"{number}.jpg"
        path.write_bytes(bytes(20_000))
        os.utime(path, (number * 21_600, number * 21_600))
    # 100 kB in a day, 1 MB to fill.
    found = pi.one("disk space", "event_log.image_budget_mb=1").found
    assert "pictures up to 1 MB, enough for 10.0 days" in found


@pytest.mark.parametrize(
    ("line", "status", "text"),
    [
        ("22 1 179:2 / / ro,noatime shared:1 - ext4 /dev/root ro", CheckStatus.FAILURE, "read-only"),
        ("22 1 0:30 / / rw,relatime shared:1 - overlay overlay rw", CheckStatus.WARNING, "records are lost"),
        ("22 1 179:1 / / rw,relatime shared:1 - vfat /dev/mmcblk0p1 rw", CheckStatus.WARNING, "power cut"),
        ("22 1 179:2 / / rw shared:1 - ext4 /dev/root rw", CheckStatus.WARNING, "every read causes a write"),
        ("22 1 179:2 / / rw,relatime - ext4 /dev/root rw", CheckStatus.OK, "ext4 at /"),
    ],
)
def test_what_the_file_system_means_for_the_records_is_reported(
    pi: ImaginaryPi, line: str, status: CheckStatus, text: str
) -> None:
    pi.put("proc/self/mountinfo", line)
    one = pi.one("file system")
    assert one.status is status
    assert text in one.found


def test_the_mount_that_counts_is_the_innermost_one(pi: ImaginaryPi) -> None:
    inner = pi.config.parent.resolve()
    for text in (
        MOUNTINFO + f"30 22 0:40 / {inner} rw - tmpfs tmpfs rw\n",
        f"30 22 0:40 / {inner} rw - tmpfs t rw\n" + MOUNTINFO,
    ):
        pi.put("proc/self/mountinfo", text)
        assert pi.one("file system").found.startswith(f"tmpfs at {inner} ")


def test_wear_is_reported_where_the_card_reports_it(pi: ImaginaryPi) -> None:
    assert pi.one("disk wear").found == "mmcblk0p2: no errors, 41 GB written so far"
    pi.put("sys/devices/mmcblk0/device/life_time", "0x02 0x01\n")
    assert "10 to 20 % of its life used" in pi.one("disk wear").found
    pi.put("sys/devices/mmcblk0/device/pre_eol_info", "0x02\n")
    assert pi.one("disk wear").status is CheckStatus.WARNING
    pi.put("sys/devices/mmcblk0/device/pre_eol_info", "0x01\n")
    pi.put("sys/fs/ext4/mmcblk0p2/errors_count", "3\n")
    assert "3 errors of the file system" in pi.one("disk wear").found


# --- service ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "status", "text"),
    [
        (
            {"ActiveState": "failed", "Result": "exit-code", "ExecMainStatus": "78"},
            CheckStatus.FAILURE,
            "last exit 78: the conf",
        ),
        (
            {"ActiveState": "activating", "SubState": "auto-restart", "NRestarts": "9"},
            CheckStatus.FAILURE,
            "9 restarts",
        ),
        ({"ActiveState": "inactive", "SubState": "dead"}, CheckStatus.WARNING, "inactive"),
        ({"NRestarts": "2"}, CheckStatus.WARNING, "active, after 2 restarts"),
        ({"UnitFileState": "disabled"}, CheckStatus.WARNING, "does not start with the machine"),
        ({"LoadState": "not-found"}, CheckStatus.NOT_APPLICABLE, "not installed"),
        ({}, CheckStatus.OK, "12 items sorted"),
    ],
)
def test_the_state_of_the_service_is_reported(
    pi: ImaginaryPi, changes: dict[str, str], status: CheckStatus, text: str
) -> None:
    pi.service |= changes
    one = pi.of("service")[-1]
    assert one.status is status
    assert text in one.found


def test_a_service_between_two_tries_holds_no_camera(pi: ImaginaryPi) -> None:
    pi.service |= {"ActiveState": "activating", "SubState": "auto-restart"}
    assert "frames" in pi.one("camera").found


# --- the report -------------------------------------------------------------------------------------------------------


def test_a_failure_must_say_what_to_do() -> None:
    with pytest.raises(ValueError, match="advice"):
        Finding("power", CheckStatus.FAILURE, "under-voltage now")


def test_names_are_shown_as_they_are() -> None:
    found = [
        failure("config", "bins.[red].flap: missing", "add [it]"),
        Finding("clock", CheckStatus.OK, "synchronized"),
    ]
    console = Console(width=100)
    with console.capture() as capture:
        console.print(table_of(found))
    assert "bins.[red].flap: missing" in capture.get()
    assert "-> add [it]" in capture.get()
    assert line_of(found[0]) == "failure  config: bins.[red].flap: missing -> add [it]"
    assert summary_of(found) == "1 ok, 1 failure"


# --- the probes -------------------------------------------------------------------------------------------------------


def textured(seed: int, *, blur_px: float = 0.1) -> Pixels:
    """Squares seen by a lens that blurs, with a sensor's noise."""
    squares = np.kron(np.random.default_rng(1).integers(60, 200, (12, 16)), np.ones((20, 20)))
    seen = cv2.GaussianBlur(squares, (0, 0), blur_px)[..., None]
    noisy = seen + np.random.default_rng(seed).normal(0, 1.5, (240, 320, 3))
    return np.clip(np.rint(noisy), 0, 255).astype(np.uint8)


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch, config_file: Path) -> Callable[..., CameraAnswer]:
    """What is seen of a camera that gives these pictures, ten a second."""

    def looked(frames: Sequence[Pixels | None], *, repeats: bool = False) -> CameraAnswer:
        clock = ManualClock()
        camera = ScriptedCamera(clock, frames)
        monkeypatch.setattr(ScriptedCamera, "repeats", repeats)
        monkeypatch.setattr(probe, "make_camera", lambda config, clock, simulation: camera)
        found = probe.probe_camera(load_config(config_file), clock)
        assert camera.closed
        return found

    return looked


def test_a_camera_is_looked_at_for_some_frames(look: Callable[..., CameraAnswer]) -> None:
    found = look([None, None, *(textured(seed) for seed in range(30))])
    assert found.problem is None
    assert found.age_s == 0.0
    assert not found.unsharp


def test_a_blurred_picture_is_seen(look: Callable[..., CameraAnswer]) -> None:
    found = look([textured(seed, blur_px=5) for seed in range(30)])
    assert found.problem is None
    assert found.unsharp
    assert found.edge_px == pytest.approx(5, rel=0.3)


def test_the_smallest_thing_that_is_seen_follows_from_the_noise(look: Callable[..., CameraAnswer]) -> None:
    assert look([tray_picture(seed=seed) for seed in range(10)]).least_size == pytest.approx(0.06, abs=0.01)
    assert look([tray_picture(noise=25.0, seed=seed) for seed in range(10)]).least_size is None


def test_black_and_frozen_and_missing_pictures_are_seen(look: Callable[..., CameraAnswer]) -> None:
    black = [np.random.default_rng(seed).integers(0, 4, (240, 320, 3), np.uint8) for seed in range(40)]
    assert "are black" in str(look(black).problem)
    assert "repeats one picture" in str(look([textured(0)] * 40).problem)
    assert str(look([None] * 400).problem).startswith("no frame")


def test_pins_are_looked_at_and_not_taken(pi: ImaginaryPi, monkeypatch: pytest.MonkeyPatch) -> None:
    closed = []
    lgpio = SimpleNamespace(
        gpio_get_line_info=lambda handle, number: [
            0,
            number,
            {12: 0, 13: 1, 18: 3}.get(number, 0),
            f"GPIO{number}",
            {18: "lg"}.get(number, ""),
        ]
    )
    factory = SimpleNamespace(chip=4, _handle=7, close=lambda: closed.append(True))
    monkeypatch.setitem(sys.modules, "lgpio", lgpio)
    monkeypatch.setattr(probe, "load", lambda table, kind: lambda: factory)
    monkeypatch.setenv("LG_WD", "")
    found = probe.probe_pins(load_config(pi.config))
    assert found == PinAnswer(chip=4, users={"12": None, "13": "the kernel", "18": "lg", "23": None})
    assert closed == [True]


def test_a_damaged_model_is_reported_by_the_child(tmp_path: Path) -> None:
    damaged = tmp_path / "damaged.tflite"
    content = bytearray(MODEL.read_bytes())
    content[1000] ^= 0xFF
    damaged.write_bytes(content)
    config = write_config(tmp_path / "sorter.yaml", {"model": {"file": str(damaged)}})
    (found,) = CHECKS["model"](make_check_context(Host(), config))
    assert found.status is CheckStatus.FAILURE
    assert "its SHA-256 differs from the one in its manifest" in found.found
    assert found.advice == "copy it again"


# --- the command on this machine --------------------------------------------------------------------------------------


def test_commands_end_as_the_shell_would_have_it() -> None:
    assert run_command([sys.executable, "-c", "print('x')"], 30) == CommandResult(0, "x\n")
    assert run_command(["no-such-command-here"], 1).code == NOT_FOUND
    assert run_command([sys.executable, "-c", "import threading; threading.Event().wait()"], 0.1).code == TIMED_OUT
    assert run_command([sys.executable, "-c", "import os; os.abort()"], 30).code == -signal.SIGABRT


def test_the_command_prints_json_and_nothing_else(config_file: Path, capsys: Capture) -> None:
    code = main(["doctor", "--json", "--config", str(config_file)])
    captured = capsys.readouterr()
    found = json.loads(captured.out)
    assert {one["check"] for one in found} == set(CHECKS)
    assert all(set(one) == {"check", "status", "found", "advice"} for one in found)
    status = {one["check"]: one["status"] for one in found}
    assert code == int("failure" in status.values())
    assert (status["runtime"], status["model"]) == ("ok", "ok")
    assert captured.err == ""


def test_the_command_fails_when_something_does_and_looks_at_the_rest(tmp_path: Path) -> None:
    ran = run_sorter("doctor", "--config", tmp_path / "none.yaml")
    assert ran.code == 1, ran.err
    rows = ran.out.splitlines()
    assert f"failure  config: configuration {tmp_path}/none.yaml: no such file -> name one with --config" in rows
    assert any(re.match(r"fine: \d+ \(python, ", row) and "runtime" in row for row in rows)
    assert "to do: 1 (1 failure)" in rows
    assert "doctor --all --config" in rows[-1]
    assert ran.err == ""
