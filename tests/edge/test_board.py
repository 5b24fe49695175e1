"""What the board says of itself."""

from pathlib import Path

import pytest

from edge.board import has_undervoltage


@pytest.mark.parametrize(("alarm", "found"), [("0\n", False), ("1\n", True), (None, None)])
def test_a_weak_power_supply_is_told_by_the_kernel(tmp_path: Path, alarm: str | None, found: bool | None) -> None:
    for number, name in enumerate(("cpu_thermal", "rpi_volt")):
        monitor = tmp_path / f"sys/class/hwmon/hwmon{number}"
        monitor.mkdir(parents=True)
        (monitor / "name").write_text(f"{name}\n")
        if alarm is not None and name == "rpi_volt":
            (monitor / "in0_lcrit_alarm").write_text(alarm)
    assert has_undervoltage(tmp_path) is found


def test_other_boards_say_nothing_of_their_power_supply(tmp_path: Path) -> None:
    assert has_undervoltage(tmp_path) is None
