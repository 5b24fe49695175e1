"""Runs side by side, made up without training."""

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

import keras

from edge.inference.bundle import read_bundle, write_bundle
from edge.models import model_path
from tests.builders.pictures import item_picture, save
from train.commands import compare as command
from train.errors import RunError, SettingsError
from train.measuring import run_comparison as compare
from train.measuring.shared_test import SharedTest
from train.runs.run_folder import RunFolder
from train.runs.settings import Settings

# Keras 3.15 hands its variables to numpy in a way that numpy 2 deprecates; nothing of ours to mend.
pytestmark = pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")

LABELS = ("dark", "light")


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data") / "greys"
    for label, grey in (("dark", 60), ("light", 200)):
        for number in range(4):
            save(root / label / f"{number}.png", np.full((40, 40, 3), grey, np.uint8))
    return root


def make(
    path: Path, data: Path, test: list[str], *, sign: float = 1.0, accuracies: tuple[float, ...], **more: Any
) -> Path:
    """A run whose network tells light from dark, or with ``sign`` -1 takes one for the other."""
    inputs = keras.Input((32, 32, 3))
    layer = keras.layers.Dense(2)
    model = keras.Model(inputs, layer(keras.layers.GlobalAveragePooling2D()(inputs)))
    layer.set_weights([sign * np.array([[-1.0, 1.0]] * 3), np.zeros(2)])
    folder = RunFolder(path)
    progress = folder.start_or_resume(
        Settings(data=(str(data),), view="full", toning=0.0, size=32, epochs=3, head_epochs=1, **more)
    )
    folder.labels_file.write_text(json.dumps(more.get("labels", LABELS)))
    folder.data_file.write_text(json.dumps({"data": "1" * 64}))
    folder.split_file.write_text(json.dumps({"seed": 1, "groups": {}, "parts": {"train": [], "val": [], "test": test}}))
    model.save(folder.best_file)
    progress.history = [
        {
            "epoch": row + 1,
            "stage": "all",
            "loss": 1.0,
            "accuracy": 0.5,
            "val_loss": 1.0 - row / 10,
            "val_accuracy": value,
            "val_macro_f1": value / 2,
        }
        for row, value in enumerate(accuracies)
    ]
    progress.finished = len(accuracies) == 3
    folder.save_state(progress)
    return path


def run_command(*arguments: object) -> int:
    top = argparse.ArgumentParser()
    command.add_parser(top.add_subparsers(required=True))
    options = top.parse_args(["compare", *map(str, arguments)])
    code: int = options.run(options)
    return code


def test_runs_are_told_side_by_side(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    keys = ["dark/0.png", "light/0.png", "light/1.png"]
    good = make(tmp_path / "good", data, keys, accuracies=(0.5, 0.9, 0.8))
    bad = make(tmp_path / "bad", data, keys, sign=-1.0, accuracies=(0.4, 0.4), dropout=0.5, label_map=("a=b", "c=d"))
    page = tmp_path / "out" / "compare.html"
    assert run_command(good, bad, "--json", "--report", page) == 0
    told = json.loads(capsys.readouterr().out)
    first, second = told["runs"]["good"], told["runs"]["bad"]
    assert (first["best_epoch"], first["val_accuracy"], first["val_macro_f1"]) == (2, 0.9, 0.45)
    assert second["best_epoch"] == 2  # as accurate as the first and surer
    assert (first["test"]["accuracy"], second["test"]["accuracy"]) == (1.0, 0.0)
    assert first["test"]["pictures"] == 3
    assert first["parameters"] == 8
    assert first["bytes"] == (good / "best.keras").stat().st_size
    assert first["ms_per_picture"] > 0
    assert told["settings"] == {
        "dropout": {"good": 0.2, "bad": 0.5},
        "label_map": {"good": [], "bad": ["a=b", "c=d"]},
    }
    assert told["notes"] == ["bad: 2 of 3 epochs so far"]
    assert json.loads(page.with_suffix(".json").read_text()) == told
    text = page.read_text()
    for part in ("2 runs side by side", "29 to 100 %", "90.0 %", "<svg", "a=b, c=d", "2 of 3 epochs"):
        assert part in text
    assert run_command(good, bad) == 0
    out = capsys.readouterr().out
    assert "best epoch" in out
    assert "dropout" in out


def test_other_test_pictures_and_none_are_told(data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    runs = [
        make(tmp_path / "one", data, ["dark/0.png"], accuracies=(0.5,)),
        make(tmp_path / "two", data, ["dark/1.png"], accuracies=(0.5,)),
        make(tmp_path / "three", data, [], accuracies=(0.5,)),
        make(tmp_path / "four", tmp_path / "gone", ["dark/0.png"], accuracies=(0.5,)),
    ]
    assert run_command(*runs, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["runs"]["three"]["test"] is None
    notes = "\n".join(told["notes"])
    assert "three: not tested: its split has no test part" in notes
    assert "four: not tested: data" in notes
    assert "different test pictures" in notes
    # On the first run's pictures all can be measured.
    shared = told["same_pictures"]
    assert (shared["source"], shared["pictures"]) == ("one", 1)
    assert shared["differences"]["two"].endswith("no difference that so many pictures can show")


def test_what_a_run_has_seen_of_the_others_pictures_is_told(
    data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    keys = ["dark/0.png", "light/0.png"]
    fair = make(tmp_path / "fair", data, keys, accuracies=(0.5,))
    wrong = make(tmp_path / "wrong", data, ["dark/1.png"], sign=-1.0, accuracies=(0.5,), weights="first.keras")
    learnt = make(tmp_path / "learnt", data, ["dark/2.png"], accuracies=(0.5,), weights="none")
    split = json.loads((learnt / "split.json").read_text())
    split["parts"]["train"] = ["dark/0.png", "dark/3.png"]
    (learnt / "split.json").write_text(json.dumps(split))
    page = tmp_path / "compare.html"
    assert run_command(fair, wrong, learnt, "--json", "--report", page) == 0
    shared = json.loads(capsys.readouterr().out)["same_pictures"]
    assert {name: one["hits"] for name, one in shared["accuracy"].items()} == {"fair": 2, "wrong": 0, "learnt": 2}
    assert shared["seen"]["fair"] == "has seen none of these pictures"
    assert "what it started from" in shared["seen"]["wrong"]
    assert "first.keras, may have" in shared["seen"]["wrong"]
    assert "HAS SEEN 1 of these pictures" in shared["seen"]["learnt"]
    assert "HAS SEEN 1 of these pictures" in page.read_text()


def bundle(path: Path, data: dict[str, str]) -> Path:
    """The model that ships, under another name and with other training data noted."""
    shipped = read_bundle(model_path("trashnet6"))
    write_bundle(path, shipped.flatbuffer, shipped.manifest.model_copy(update={"data": data}))
    return path


def test_a_run_is_compared_with_model_files_on_its_own_test_pictures(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    root = tmp_path / "photos"
    for name in ("cardboard1.jpg", "mine.jpg"):
        save(root / "cardboard" / name, item_picture(seed=len(name)))
    save(root / "wood" / "1.jpg", item_picture(seed=9))
    keys = ["cardboard/cardboard1.jpg", "cardboard/mine.jpg", "wood/1.jpg"]
    run = make(tmp_path / "mine", root, keys, accuracies=(0.5,), weights="none", labels=("cardboard", "wood"))
    own = bundle(tmp_path / "own.tflite", json.loads((run / "data.json").read_text()))
    foreign = bundle(tmp_path / "foreign.tflite", {"somebody's": "0" * 64})
    assert run_command(run, own, foreign, "trashnet6", "--json") == 0
    told = json.loads(capsys.readouterr().out)
    shared = told["same_pictures"]
    assert (shared["source"], shared["pictures"], shared["left_out"]) == ("mine", 2, 1)
    assert "was made from one of these runs" in shared["seen"]["own.tflite"]
    assert "(somebody's): whether it has seen these cannot be told" in shared["seen"]["foreign.tflite"]
    assert "HAS SEEN 1 of these pictures, by their names" in shared["seen"]["trashnet6.tflite"]
    assert told["runs"]["trashnet6.tflite"]["parameters"] is None


def test_names_tell_the_runs_apart(tmp_path: Path) -> None:
    one, two = tmp_path / "a" / "run", tmp_path / "b" / "run"
    assert compare.model_names([one]) == ["run"]
    assert compare.model_names([one, two]) == [str(one), str(two)]
    with pytest.raises(SettingsError, match="given twice"):
        compare.model_names([one, one])
    with pytest.raises(RunError, match=r"no such file or folder; expected a run folder"):
        run_command(tmp_path / "nothing")


def test_model_files_alone_are_sent_to_a_run_for_pictures() -> None:
    rows = [compare.summarize_bundle(model_path(name), name) for name in ("trashnet6", "bin8")]
    assert compare.needs_shared_test(rows)
    assert SharedTest.of({row.name: model_path(row.name) for row in rows}) is None
    assert "name a run first" in compare.comparison_notes(rows, None)[0]
    assert "<svg" not in compare.comparison_page(rows, None)
