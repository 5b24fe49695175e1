"""What runs in the emulated Raspberry Pi is there: nobody sees a moved file before its hour of boots."""

from tests.paths import ROOT
from tests.pi.guest.checks import CAMERA_CONTRACTS, PIN_CONTRACTS


def test_the_contracts_that_run_on_kernel_pins_and_cameras_are_there() -> None:
    assert [name for name in (*PIN_CONTRACTS, *CAMERA_CONTRACTS) if not (ROOT / name).is_file()] == []
