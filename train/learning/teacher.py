"""Teacher models for knowledge distillation (Hinton, Vinyals, Dean 2015)."""

import threading
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from train.data.images import resize_views
from train.errors import RunError
from train.measuring.metrics import vote_probabilities
from train.measuring.predictor import Predictor, predictor_from_bundle, predictor_from_run
from train.runs.run_folder import RunFolder


class Teacher:
    """Mean probabilities of one or more finished models.

    Args:
        paths: folders of runs, whose best models are taken, or bundles (``.tflite``).
        labels: of the new run, in its order; each teacher must have all of them and may have more.

    Raises:
        RunError: a model is missing, or lacks one of the labels.
    """

    def __init__(self, paths: Sequence[Path], labels: Sequence[str]) -> None:
        self._models: list[tuple[Predictor, list[int]]] = []
        # Batches may be made by several threads; JAX lends a model's buffers to one caller at a time.
        self._lock = threading.Lock()
        for path in paths:
            model = (
                predictor_from_bundle(path)
                if path.suffix == ".tflite"
                else predictor_from_run(RunFolder(path), batch=0)
            )
            missing = [label for label in labels if label not in model.labels]
            if missing:
                raise RunError(
                    f"teacher {path}: lacks labels {missing}, its labels are {list(model.labels)}; "
                    "give a teacher with all labels of the run"
                )
            self._models.append((model, [model.labels.index(label) for label in labels]))
        self.size = max(model.view.spec.size for model, _ in self._models)
        """Side in pixels of the largest view that one of the models takes."""

    def probabilities(self, views: NDArray[np.uint8]) -> NDArray[np.float32]:
        """uint8 (n, size, size, 3), at least as large as ``size`` -> float32 (n, labels), rows sum to 1."""
        answers = []
        for model, columns in self._models:
            with self._lock:
                logits = model.logits(resize_views(views, model.view.spec.size))[:, columns]
            answers.append(vote_probabilities(logits[:, None]))
        mean: NDArray[np.float32] = np.mean(answers, axis=0).astype(np.float32)
        return mean
