"""The files of a training run, read with Keras, whose import takes seconds: for ``make test-fuzz`` alone."""

import json
import shutil
from pathlib import Path

from tests.fuzz.harness import FuzzTarget
from train.errors import RunError, SettingsError
from train.runs.settings import Settings

SIZE = 32
LABELS = ("glass", "paper")


def _make_run(folder: Path) -> Path:
    import keras

    from train.runs.run_folder import RunFolder

    run = RunFolder(folder / "whole")
    state = run.start_or_resume(Settings(data=("photos",), arch="tiny", size=SIZE))
    inputs = keras.Input((SIZE, SIZE, 3))
    model = keras.Model(inputs, keras.layers.Dense(2)(keras.layers.GlobalAveragePooling2D()(inputs)))
    model.save(run.best_file)
    run.labels_file.write_text(json.dumps(LABELS))
    run.data_file.write_text(json.dumps({"photos": "0" * 64}))
    run.view_file.write_text(json.dumps({"kind": "full", "spec": Settings(size=SIZE).view_spec.model_dump()}))
    figures = ("loss", "accuracy", "val_loss", "val_accuracy", "val_macro_f1")
    state.epoch, state.history = 1, [{"epoch": 1, "stage": "all", **dict.fromkeys(figures, 0.5)}]
    run.save_state(state)
    return run.path


def _texts(folder: Path) -> list[bytes]:
    shutil.rmtree(folder / "whole", ignore_errors=True)
    return [path.read_bytes() for path in sorted(_make_run(folder).glob("*.json"))]


def _read_texts(content: bytes, folder: Path) -> None:
    from train.measuring.view_choice import load_view
    from train.runs.run_folder import RunFolder

    run = RunFolder(folder / "in")
    run.path.mkdir(exist_ok=True)
    refusal: Exception | None = None
    names = ("settings", "labels", "data", "view", "progress")
    for name in names:
        (run.path / f"{name}.json").write_bytes(content)
    for read in (run.load_settings, run.load_labels, run.load_data_hashes, lambda: load_view(run), run.load_state):
        try:
            read()
        except (RunError, SettingsError) as error:
            refusal = error
    if refusal is not None:
        raise refusal


def _models(folder: Path) -> list[bytes]:
    shutil.rmtree(folder / "whole", ignore_errors=True)
    return [(_make_run(folder) / "best.keras").read_bytes()]


def _read_model(content: bytes, folder: Path) -> None:
    from train.runs.run_folder import RunFolder

    run = RunFolder(folder / "whole")
    run.best_file.write_bytes(content)
    run.load_best()


RUN_TARGETS = (
    FuzzTarget("files of a run", _texts, _read_texts, (RunError, SettingsError)),
    # Keras and HDF5 take their time, and load their own code at the first file.
    FuzzTarget("model of a run", _models, _read_model, (RunError,), cpu_s=10.0, memory_mb=300.0),
)
