import pytest

from hardware.device_path import is_device_path


@pytest.mark.parametrize("path", ["/dev/video0", "/dev/v4l/by-id/usb-camera-index0", "/dev/no-such-camera"])
def test_what_lies_below_dev_is_a_device(path: str) -> None:
    assert is_device_path(path)


@pytest.mark.parametrize(
    "path", ["/dev/shm/film.mp4", "film.mp4", "dev/film.mp4", "/home/dev/film.mp4", "rtsp://camera/dev/"]
)
def test_files_and_addresses_are_none_wherever_they_lie(path: str) -> None:
    assert not is_device_path(path)
