"""Weights between those that a run started from and those that it ended with (WiSE-FT, Wortsman et al. 2022)."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from train.errors import RunError
from train.files import UnreadableFileError, read_json, write_text
from train.learning.weight_averaging import MixedRun
from train.runs.run_folder import RunFolder

SHARES = (0.0, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 1.0)
"""Shares of the fine-tuned weights that are tried: the ends, and more closely where the best one usually is."""

SHARE_FILE = "share.json"
"""File in the result's folder: the share that was chosen, and the figures of all."""

Row = tuple[float, dict[str, float]]
"""A share of the fine-tuned weights, and validation figures (``TrainingData.validation_metrics``)."""


def interpolate_weights(
    path: Path, folder: RunFolder, report: Callable[[Row], None], shares: Sequence[float] = SHARES
) -> Row:
    """Try weights between a run's first, with their probed head, and its best, and leave the most accurate as a finished run.

    What fine-tuning gains on pictures like those that it saw it often loses on others. Run it with ``validate_on``, so that
    whole data sets choose that the run has not learnt from.

    Args:
        path: of the run, which was made with ``head_start = "probe"``.
        folder: of the result.
        report: called with each row as it is known.
        shares: shares of the fine-tuned weights to try, 0..1, at least one.

    Returns:
        The row that was chosen.

    Raises:
        TrainError: the run did not start from a probe, or ``folder`` holds a finished run.
    """
    run = RunFolder(path)
    start, model = run.load_start(), run.load_best()
    first, last = start.get_weights(), model.get_weights()
    mixing = MixedRun.begin(run, folder)

    def set_share(share: float) -> None:
        model.set_weights([one + np.float32(share) * (other - one) for one, other in zip(first, last, strict=True)])

    rows: list[Row] = []
    for share in shares:
        set_share(share)
        rows.append((share, mixing.measure(model)))
        report(rows[-1])
    share, _ = max(rows, key=lambda row: (row[1]["val_accuracy"], -row[1]["val_loss"]))
    set_share(share)
    figures = mixing.finish(model, {str(run.start_file): 1 - share, str(path): share})
    write_text(folder.path / SHARE_FILE, json.dumps({"share": share, "figures": dict(rows)}, indent=1) + "\n")
    return share, figures


def mean_share(paths: Sequence[Path]) -> float:
    """The mean of the shares that other data sets have chosen, 0..1.

    Args:
        paths: of runs that ``interpolate_weights`` has made, at least one.

    Raises:
        RunError: one is no such run.
    """
    shares = []
    for path in paths:
        try:
            raw = read_json(path / SHARE_FILE)
            share = raw.get("share") if isinstance(raw, dict) else None
            if not isinstance(share, float) or not 0 <= share <= 1:
                raise UnreadableFileError('lacks "share", a number from 0 to 1')
        except UnreadableFileError as error:
            raise RunError(
                f"run {path}: {SHARE_FILE}: {error}; expected a run made by sorter-train interpolate"
            ) from error
        shares.append(share)
    return sum(shares) / len(shares)
