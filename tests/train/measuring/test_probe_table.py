"""Data sets left out one by one: what is measured, and on which pictures."""

import json
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("keras", reason="training needs Keras and a back end; install the train extra")

from tests.builders.data_sets import write_pictures
from train.cli import main
from train.errors import DataError
from train.measuring.probe_table import LabelledFeatures, leave_one_set_out

LABELS = ("glass", "metal", "paper")


def features_of(cells: dict[tuple[str, int], int]) -> LabelledFeatures:
    """So many pictures of each set and label, told apart by their features."""
    random = np.random.default_rng(4)
    targets = np.array([target for (_, target), count in cells.items() for _ in range(count)])
    sets = np.array([name for (name, _), count in cells.items() for _ in range(count)])
    rows = np.eye(3, 6)[targets] + random.normal(0, 0.1, (len(targets), 6))
    return LabelledFeatures(rows.astype(np.float32), targets, sets, LABELS)


def test_each_set_is_measured_by_what_the_others_teach_on_labels_that_they_have() -> None:
    data = features_of({("a", 0): 20, ("a", 1): 10, ("b", 0): 8, ("b", 2): 6, ("c", 2): 9, ("c", 1): 5})
    rows = {row.name: row for row in leave_one_set_out(data)}
    assert {name: row.pictures for name, row in rows.items()} == {"a": 30, "b": 14, "c": 14}
    assert rows["b"].recalls == {"glass": 1.0, "paper": 1.0}
    assert all(row.accuracy == row.balanced == 1.0 for row in rows.values())


def test_labels_that_one_set_alone_has_are_not_measured_there() -> None:
    data = features_of({("a", 0): 20, ("a", 1): 10, ("b", 0): 8, ("b", 2): 6})
    rows = {row.name: row for row in leave_one_set_out(data)}
    assert (rows["a"].pictures, rows["b"].pictures) == (20, 8)
    with pytest.raises(DataError, match="no two data sets have a label in common"):
        leave_one_set_out(features_of({("a", 0): 5, ("b", 1): 5}))


def test_the_command_prints_and_writes_the_table(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first, second = (write_pictures(tmp_path / name / name, each=8) for name in ("first", "second"))
    out = tmp_path / "probe.json"
    network = ["--weights", "none", "--arch", "tiny", "--size", "32"]
    assert main(["probe", "--data", str(first), str(second), *network, "--out", str(out)]) == 0
    figures = json.loads(out.read_text())
    assert {name: one["pictures"] for name, one in figures.items()} == {"first": 16, "second": 16}
    assert "first" in capsys.readouterr().out
    assert main(["probe", "--data", str(first), *network]) == 2
