"""What systemd does around the service is looked at where there is a service: its log, the watchdog, the folders it hides."""

from pathlib import Path

import pytest

from edge.doctor.finding import CheckStatus
from edge.doctor.host import NOT_FOUND, CommandResult
from tests.builders.configuration import write_config
from tests.edge.doctor.test_doctor import ImaginaryPi

RASPBERRY_PI_OS_13 = """\
# /etc/systemd/journald.conf
[Journal]
#Storage=auto
# /usr/lib/systemd/journald.conf.d/40-rpi-volatile-storage.conf
[Journal]
Storage=volatile
"""

OURS = """\
# /etc/systemd/journald.conf.d/60-sorter.conf
[Journal]
Storage=persistent
SystemMaxUse=100M
"""


@pytest.fixture
def pi(tmp_path: Path) -> ImaginaryPi:
    return ImaginaryPi(tmp_path / "root", write_config(tmp_path / "sorter.yaml"))


def journal_is(pi: ImaginaryPi, text: str) -> CheckStatus:
    pi.results["systemd-analyze"] = CommandResult(0, text)
    return pi.one("journal").status


def test_a_log_in_memory_is_told_with_the_option_that_keeps_it(pi: ImaginaryPi) -> None:
    assert journal_is(pi, RASPBERRY_PI_OS_13) is CheckStatus.WARNING
    assert "--persistent-journal" in pi.one("journal").advice
    assert journal_is(pi, RASPBERRY_PI_OS_13 + OURS) is CheckStatus.OK
    assert "100M" in pi.one("journal").found


def test_without_a_setting_the_log_is_kept_where_its_folder_is(pi: ImaginaryPi) -> None:
    assert journal_is(pi, "[Journal]\n") is CheckStatus.WARNING
    pi.put("var/log/journal/id/system.journal", "")
    assert journal_is(pi, "[Journal]\n") is CheckStatus.OK
    assert journal_is(pi, RASPBERRY_PI_OS_13) is CheckStatus.WARNING, "the folder alone does nothing"


@pytest.mark.parametrize(
    ("value", "status"),
    [
        ("1min", CheckStatus.OK),
        ("15s", CheckStatus.OK),
        ("0", CheckStatus.WARNING),
        ("infinity", CheckStatus.WARNING),
        ("", CheckStatus.NOT_APPLICABLE),
    ],
)
def test_a_hardware_watchdog_that_is_off_is_told(pi: ImaginaryPi, value: str, status: CheckStatus) -> None:
    pi.service["RuntimeWatchdogUSec"] = value
    assert pi.one("watchdog").status is status


def test_a_machine_without_a_watchdog_has_nothing_to_look_at(pi: ImaginaryPi) -> None:
    (pi.root / "dev/watchdog0").unlink()
    assert pi.one("watchdog").status is CheckStatus.NOT_APPLICABLE


@pytest.mark.parametrize("check", ["journal", "watchdog", "hidden files"])
def test_without_the_service_there_is_nothing_to_look_at(pi: ImaginaryPi, check: str) -> None:
    pi.service["LoadState"] = "not-found"
    assert pi.one(check).status is CheckStatus.NOT_APPLICABLE


def test_a_log_that_systemd_does_not_tell_of_is_not_judged(pi: ImaginaryPi) -> None:
    pi.results["systemd-analyze"] = CommandResult(NOT_FOUND)
    assert pi.one("journal").status is CheckStatus.NOT_APPLICABLE


def test_a_model_in_a_home_folder_is_told_with_the_place_where_it_goes(pi: ImaginaryPi) -> None:
    pi.service |= {"ProtectHome": "yes", "InaccessiblePaths": "-/boot"}
    found = pi.one("hidden files", "model.file=/home/pi/mine.tflite")
    assert found.status is CheckStatus.FAILURE
    assert "model.file /home/pi/mine.tflite" in found.found
    assert "/etc/sorter/mine.tflite" in found.advice
    assert pi.one("hidden files", "event_log.file=/boot/events.sqlite").advice.startswith("move it to /var/lib/sorter,")


@pytest.mark.parametrize("setting", ["no", "read-only"])
def test_a_drop_in_that_shows_the_home_folders_is_believed(pi: ImaginaryPi, setting: str) -> None:
    pi.service["ProtectHome"] = setting
    assert pi.one("hidden files", "model.file=/home/pi/mine.tflite").status is CheckStatus.OK
