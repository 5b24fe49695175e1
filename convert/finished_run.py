"""A finished training run, read once for all steps of a conversion."""

from collections.abc import Mapping
from dataclasses import dataclass

import keras

from train.data.pictures import Picture
from train.data.selection import find_photographs
from train.data.split import PART_NAMES, Split
from train.measuring.predictor import Predictor, predictor_from_model
from train.measuring.view_choice import InputView, load_view
from train.runs.run_folder import RunFolder
from train.runs.settings import Settings


@dataclass(frozen=True, slots=True, eq=False)
class FinishedRun:
    """A run's best model with its settings, view, pictures and data.

    Attributes:
        name: of the run's folder.
        settings: of the run.
        labels: in the order of the model's outputs.
        view: the view that was chosen for the model.
        model: float32 (n, size, size, 3) in -1..1 -> logits (n, labels).
        pictures: part ("train", "val", "test") -> its photographs, n >= 0.
        data: name of a data set -> SHA-256 (hexadecimal) of the pictures that were trained on.
    """

    name: str
    settings: Settings
    labels: tuple[str, ...]
    view: InputView
    model: keras.Model
    pictures: Mapping[str, list[Picture]]
    data: Mapping[str, str]

    @classmethod
    def load(cls, folder: RunFolder) -> "FinishedRun":
        """Read a run's folder.

        Raises:
            RunError: there is no run, it has no model yet, or a file of it is damaged.
            DataError: its pictures or its split cannot be used.
        """
        settings = folder.load_settings()
        split, photographs = Split.load(folder.split_file), find_photographs(settings)
        return cls(
            name=folder.path.resolve().name,
            settings=settings,
            labels=folder.load_labels(),
            view=load_view(folder),
            model=folder.load_best(),
            pictures={part: split.select(part, photographs) for part in PART_NAMES},
            data=folder.load_data_hashes(),
        )

    def predictor(self) -> Predictor:
        """The float32 model behind its view."""
        return predictor_from_model(self.model, self.name, self.labels, self.view)
