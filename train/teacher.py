"""Finished runs whose answers a new run learns from (Hinton, Vinyals, Dean 2015)."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.errors import RunError
from train.images import shrunk
from train.model import predict
from train.runfolder import RunFolder


class Teacher:
    """The mean answer of one or more runs' best models.

    Args:
        folders: the runs' folders.
        labels: what the new run learns, in its order; each teacher must know all of them and may know more.

    Raises:
        RunError: a run is missing or does not know one of the labels.
    """

    def __init__(self, folders: Sequence[Path], labels: Sequence[str]) -> None:
        self._models = []
        # Batches may be made by several threads; JAX lends a model's buffers to one caller at a time.
        self._lock = threading.Lock()
        for path in folders:
            folder = RunFolder(path)
            known = folder.labels()
            strange = [label for label in labels if label not in known]
            if strange:
                raise RunError(
                    f"teacher {path}: does not know {strange}, its labels are {list(known)}; teach with a run that knows all"
                )
            model = folder.load_best()
            self._models.append((model, int(model.input_shape[1]), [known.index(label) for label in labels]))
        self.size = max(size for _, size, _ in self._models)
        """Side in pixels of the largest view that one of them wants."""

    def probabilities(self, views: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 (n, size, size, 3), at least as large as ``size`` -> float32 (n, labels), rows sum to 1."""
        answers = []
        for model, size, columns in self._models:
            with self._lock:
                logits = predict(model, shrunk(views, size), batch=len(views))[:, columns]
            shares = np.exp(logits - logits.max(axis=1, keepdims=True))
            answers.append(shares / shares.sum(axis=1, keepdims=True))
        mean: NDArray[np.float32] = np.mean(answers, axis=0).astype(np.float32)
        return mean
