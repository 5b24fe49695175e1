"""A run whose files are cut, rotten or of something else: every command that reads it says so in one line."""

import io
import json
import shutil
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras", reason="reading runs needs Keras and a back end; install the train extra")

import keras

from tests.builders.data_sets import write_pictures
from train.cli import main
from train.runs.run_folder import RunFolder, TrainingState
from train.runs.settings import Settings

pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

Capture = pytest.CaptureFixture[str]

LABELS = ("glass", "paper")
CHECKPOINT = "checkpoint-0001.keras"


def small_model(size: int = 32, labels: int = 2) -> keras.Model:
    inputs = keras.Input((size, size, 3))
    return keras.Model(inputs, keras.layers.Dense(labels)(keras.layers.GlobalAveragePooling2D()(inputs)))


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run after the first of two epochs, with a view and the hashes of its data."""
    root = tmp_path_factory.mktemp("damaged")
    data = write_pictures(root / "made-up", each=4)
    folder = RunFolder(root / "run")
    state = folder.start_or_resume(
        Settings(data=(str(data),), arch="tiny", size=32, epochs=2, head_epochs=1, weights="none")
    )
    keys = [f"{label}/{number:02d}.png" for label in LABELS for number in range(4)]
    parts = {"train": keys[0::2], "val": keys[1::4], "test": keys[3::4]}
    folder.split_file.write_text(json.dumps({"seed": 1, "groups": {}, "parts": parts}))
    folder.labels_file.write_text(json.dumps(LABELS))
    folder.data_file.write_text(json.dumps({"made-up": "0" * 64}))
    folder.view_file.write_text(json.dumps({"kind": "full", "spec": Settings(size=32).view_spec.model_dump()}))
    model = small_model()
    model.save(folder.best_file)
    model.save(folder.path / CHECKPOINT)
    state.epoch, state.best_epoch, state.stage, state.checkpoint = 1, 1, "head", CHECKPOINT
    figures = ("loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1")
    state.history = [{"epoch": 1, "stage": "head", "rate": 0.1, "seconds": 1.0} | dict.fromkeys(figures, 0.5)]
    folder.save_state(state)
    return folder.path


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    return shutil.copytree(whole, tmp_path / "run")


def cut(path: Path) -> None:
    content = path.read_bytes()
    path.write_bytes(content[: len(content) // 2])


def emptied(path: Path) -> None:
    path.write_bytes(b"")


def rotten(path: Path) -> None:
    path.write_bytes(np.random.default_rng(3).bytes(path.stat().st_size))


def missing(path: Path) -> None:
    path.unlink()


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def text(content: str) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        path.write_text(content)

    return damage


def archive(entries: dict[str, str]) -> Callable[[Path], None]:
    def damage(path: Path) -> None:
        content = io.BytesIO()
        with zipfile.ZipFile(content, "w") as made:
            for name, entry in entries.items():
                made.writestr(name, entry)
        path.write_bytes(content.getvalue())

    return damage


def of_another_run(path: Path) -> None:
    small_model(labels=3).save(path)


def of_another_size(path: Path) -> None:
    small_model(size=48).save(path)


ANY = (cut, emptied, rotten)
JSON = (
    *ANY,
    text("null"),
    text("[]"),
    text("{}"),
    text('"a"'),
    text("[" * 100_000),
    text("[1, 2]"),
    text('["a", "a"]'),
)
MODEL = (
    *ANY,
    text("no model"),
    archive({}),
    archive({"config.json": "{", "metadata.json": "{}"}),
    archive({"config.json": '{"class_name": "Functional"}', "metadata.json": "{}"}),
    of_another_run,
    of_another_size,
)

PROGRESS = (
    text('{"epoch": "one"}'),
    text('{"epoch": -1}'),
    text('{"best": []}'),
    text('{"checkpoint": "../other/checkpoint.keras"}'),
    text('{"history": [{"epoch": 1}]}'),
    text('{"history": [1]}'),
)

DAMAGES = {
    "settings.json": (*JSON, missing, folder, text('{"epochs": "many"}'), text('{"ratte": 1}')),
    "labels.json": (*JSON, missing, folder, text('["glass"]'), text('["glass", 3]')),
    "view.json": (*JSON, text('{"kind": "round", "spec": {}}'), text('{"kind": "full", "spec": {"size": "x"}}')),
    "best.keras": (*MODEL, missing),
    "progress.json": (*(one for one in JSON if one is not JSON[5]), *PROGRESS),
    "split.json": (
        *JSON,
        missing,
        folder,
        text('{"parts": {"train": 1, "val": [], "test": []}, "groups": {}, "seed": 1}'),
    ),
    "data.json": (*(one for one in JSON if one is not JSON[5]), missing, text('{"made-up": 1}')),
    CHECKPOINT: (cut, rotten, of_another_run, missing),
}

READS = {
    "evaluate": ("settings.json", "labels.json", "view.json", "best.keras", "progress.json", "split.json"),
    "compare": ("settings.json", "labels.json", "view.json", "best.keras", "progress.json"),
    "mix": ("settings.json", "labels.json", "best.keras", "split.json"),
    "teacher": ("settings.json", "labels.json", "view.json", "best.keras"),
    "resume": ("settings.json", "progress.json", "split.json", CHECKPOINT),
    "convert": ("settings.json", "labels.json", "view.json", "best.keras", "split.json", "data.json"),
}


def call(command: str, run: Path) -> int:
    """The exit code of a command that reads a run."""
    if command == "convert":
        pytest.importorskip("tensorflow")
        from convert.cli import main as convert

        return convert([str(run), "--out", str(run.parent / "model.tflite")])
    out = str(run.parent / "out")
    data = json.loads((run.parent / "settings.json").read_text())["data"][0]
    arguments = {
        "evaluate": ["evaluate", str(run)],
        "compare": ["compare", str(run)],
        "mix": ["mix", str(run), str(run), "--out", out],
        "resume": ["fit", "--out", str(run), "--resume"],
        "teacher": [
            *("fit", "--data", data, "--out", out, "--weights", "none"),
            *("--set", f"teachers={run}", "--set", "arch=tiny", "--set", "size=32"),
        ],
    }
    return main(arguments[command])


@pytest.mark.parametrize(("command", "file"), [(command, file) for command, files in READS.items() for file in files])
def test_a_damaged_file_of_a_run_is_told_in_one_line(
    whole: Path, tmp_path: Path, capsys: Capture, command: str, file: str
) -> None:
    shutil.copy(whole / "settings.json", tmp_path / "settings.json")
    first = next(name for name, files in READS.items() if file in files)
    # All of them by one command; that the others ask the same reader shows in a few.
    for number, damage in enumerate(DAMAGES[file] if command == first else (cut, DAMAGES[file][-1])):
        run = shutil.copytree(whole, tmp_path / f"{number}" / "run")
        shutil.copy(whole / "settings.json", run.parent / "settings.json")
        damage(run / file)
        assert call(command, run) == 2, number
        told = capsys.readouterr().err.splitlines()
        problem = told[-1]
        assert problem.startswith(("sorter-train: ", "sorter-convert: ")), (number, told)
        assert file in problem, (number, problem)
        assert str(run) in problem, (number, problem)
        assert "; " in problem, f"{number}: what is to be done? {problem}"
        assert "Traceback" not in "".join(told), number


def test_a_run_that_is_whole_is_read(run: Path) -> None:
    folder = RunFolder(run)
    assert folder.load_state() == TrainingState(
        1, "head", [-1.0, 1e9], 1, CHECKPOINT, folder.load_state().history, finished=False
    )
    assert folder.load_best().output_shape == (None, 2)
    assert folder.load_checkpoint(folder.load_state()).output_shape == (None, 2)
    assert folder.load_data_hashes() == {"made-up": "0" * 64}


def test_files_that_were_edited_on_windows_are_read(run: Path) -> None:
    for path in run.glob("*.json"):
        path.write_bytes(path.read_text().replace("\n", "\r\n").encode("utf-16"))
    test_a_run_that_is_whole_is_read(run)
    assert main(["evaluate", str(run)]) == 0
