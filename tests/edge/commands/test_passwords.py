"""A camera's password shows nowhere: error lines, log, doctor, JSON."""

from pathlib import Path

import pytest
import yaml

from edge.cli import main
from tests.builders.configuration import config_tree, merged

Capture = pytest.CaptureFixture[str]
Fds = pytest.CaptureFixture[str]

SECRET = "hunter2"
ADDRESSES = {
    "user": f"rtsp://admin:{SECRET}@127.0.0.1:9/live",
    "path": f"rtsp://127.0.0.1:9/user=admin&password={SECRET}&channel=1",
    "query": f"http://127.0.0.1:9/video?pwd={SECRET}",
}


def config_with(path: Path, source: object) -> Path:
    tree = merged(config_tree(), {"camera": {"kind": "opencv", "opencv": {"source": source, "latency_s": 0.2}}})
    path.write_text(yaml.safe_dump(tree, sort_keys=False, width=1000))
    return path


WRONG = {
    "list": lambda address: yaml.safe_dump({"camera": {"opencv": {"source": [address, "x" * 100]}}}, width=1000),
    "long": lambda address: yaml.safe_dump({"camera": {"opencv": {"source": {"a" * 60: address}}}}, width=1000),
    "broken line": lambda address: f"camera: {{opencv: {{source: [{address}]\ntray: {{}}\n",
    "broken long line": lambda address: f"camera: {{x: '{'x' * 60}', source: {address} }} }} {'y' * 60}\n",
    "key": lambda address: f'"{address}": 1\n"{address}": 2\n',
    "unknown key": lambda address: f'"{address}": 1\n',
    "tag": lambda address: f"a: !<{address}> 1\n",
}


@pytest.mark.parametrize("wrong", WRONG)
def test_a_configuration_that_is_refused_does_not_tell_the_password(
    tmp_path: Path, capsys: Capture, wrong: str
) -> None:
    for name, address in ADDRESSES.items():
        path = tmp_path / f"{name}.yaml"
        path.write_text(WRONG[wrong](address))
        assert main(["events", "--config", str(path)]) == 78
        captured = capsys.readouterr()
        assert str(path) in captured.err
        assert SECRET not in captured.out + captured.err


@pytest.mark.parametrize("address", ADDRESSES.values(), ids=ADDRESSES)
def test_an_override_that_is_refused_does_not_tell_the_password(
    config_file: Path, capsys: Capture, address: str
) -> None:
    for override in (
        f"camera.fps={address}",
        f"camera.opencv.source=[{address}",
        f"camera.source={address}",
        address,
        f"a.pwd: {SECRET}",
    ):
        assert main(["events", "--config", str(config_file), "--set", override]) == 78
        captured = capsys.readouterr()
        assert captured.err
        assert SECRET not in captured.out + captured.err


@pytest.mark.parametrize("kind", ADDRESSES)
def test_a_camera_that_does_not_answer_is_told_without_its_password(tmp_path: Path, capfd: Fds, kind: str) -> None:
    config = config_with(tmp_path / "c.yaml", ADDRESSES[kind])
    assert main(["--debug", "run", "--items", "1", "--config", str(config)]) == 69
    captured = capfd.readouterr()
    assert "127.0.0.1:9" in captured.err
    assert SECRET not in captured.out + captured.err


def test_doctor_tells_of_a_camera_without_its_password(tmp_path: Path, capfd: Fds) -> None:
    assert main(["doctor", "--json", "--config", str(config_with(tmp_path / "c.yaml", ADDRESSES["path"]))]) == 1
    captured = capfd.readouterr()
    assert "127.0.0.1:9" in captured.out
    assert SECRET not in captured.out + captured.err
