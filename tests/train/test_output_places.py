"""Where a command is to write is checked before it works, and told in words."""

import os
from pathlib import Path

import pytest

from convert.cli import main as convert
from tests.builders.data_sets import write_pictures
from train.cli import main as train

Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_pictures(tmp_path_factory.mktemp("data") / "made-up", each=1)


def commands(data: Path, file: str, folder: str) -> dict[str, tuple[list[str], str]]:
    """Each output option with a place that is taken, and what is told of it."""
    is_file, is_folder = f"{file}: is a file; expected a folder", f"{folder}: is a folder; expected the name of a file"
    within = f"{file} is not a folder"
    return {
        "fit --out": (["fit", "--data", str(data), "--out", file], f"--out {is_file}"),
        "fit --out below": (["fit", "--data", str(data), "--out", f"{file}/run"], within),
        "mix --out": (["mix", "a", "b", "--out", file], f"--out {is_file}"),
        "split --out": (["split", "--data", str(data), "--out", folder], f"--out {is_folder}"),
        "explore --out": (["explore", "--data", str(data), "--out", f"{file}/a.html"], within),
        "explore --json": (
            ["explore", "--data", str(data), "--out", "a.html", "--json", folder],
            f"--json {is_folder}",
        ),
        "evaluate --report": (["evaluate", "a", "--report", folder], f"--report {is_folder}"),
        "evaluate --plots": (["evaluate", "a", "--plots", file], f"--plots {is_file}"),
        "compare --report": (["compare", "a", "--report", f"{file}/a.html"], within),
        "convert --out": (["a", "--out", folder], f"--out {is_folder}"),
        "convert --report": (["a", "--out", "a.tflite", "--report", folder], f"--report {is_folder}"),
        "convert --edgetpu": (["a.tflite", "--edgetpu", "--out", f"{file}/a.tflite"], within),
    }


@pytest.mark.parametrize("case", commands(Path(), "", ""))
def test_a_place_that_is_taken_is_told_before_the_work(data: Path, tmp_path: Path, capsys: Capture, case: str) -> None:
    file, folder = tmp_path / "file", tmp_path / "folder"
    file.write_text("precious")
    folder.mkdir()
    arguments, told = commands(data, str(file), str(folder))[case]
    main, program = (convert, "sorter-convert") if case.startswith("convert") else (train, "sorter-train")
    assert main(arguments) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith(f"{program}: ")
    assert told in line
    assert "Errno" not in line
    assert file.read_text() == "precious"
    assert list(folder.iterdir()) == []


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_place_without_the_right_to_write_is_told(data: Path, tmp_path: Path, capsys: Capture) -> None:
    tmp_path.chmod(0o500)
    assert train(["fit", "--data", str(data), "--out", str(tmp_path / "runs" / "one")]) == 2
    assert f"{tmp_path} may not be written to" in capsys.readouterr().err
