"""Answers of the float32 and the int8 model to validation and test pictures, items on trays, and unknown things."""

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from convert.finished_run import FinishedRun
from convert.measuring.out_of_distribution import OodPicture, read_ood_picture
from convert.measuring.parity import Parity, pool_parity
from convert.measuring.rejection import VoteLogits
from convert.measuring.split_answers import SplitAnswers, make_looks, predict_looks
from edge.inference.bundle import write_bundle
from edge.inference.manifest import Manifest
from train.errors import DataError
from train.measuring.predictor import predictor_from_bundle
from train.measuring.samples import photograph_samples, photograph_tray_samples


@dataclass(frozen=True, slots=True, eq=False)
class ModelAnswers:
    """Answers from which thresholds are chosen and figures computed.

    Attributes:
        parts: "val" and, where the run has such pictures, "test".
        trays: the items of "val" laid on trays; None where no mask is good enough.
        unknown: kind of unknown things -> the int8 model's logits, float32 (n, looks, labels).
    """

    parts: Mapping[str, SplitAnswers]
    trays: SplitAnswers | None
    unknown: Mapping[str, VoteLogits]

    @property
    def parity(self) -> Parity:
        """float32 against int8 over all parts together."""
        return pool_parity({name: part.parity for name, part in self.parts.items()})


def collect_answers(
    run: FinishedRun, flatbuffer: bytes, manifest: Manifest, unknown: Mapping[str, Sequence[OodPicture]]
) -> ModelAnswers:
    """Run both models: the int8 one by the bin's own classifier on the very file, not by TensorFlow's interpreter.

    Args:
        run: the float32 model and the pictures.
        flatbuffer: the int8 model.
        manifest: its draft.
        unknown: kind -> pictures that the model should reject as unknown.

    Raises:
        DataError: no validation picture can be read.
        RunError: the runtime for the int8 model is missing, or refuses it.
    """
    with tempfile.TemporaryDirectory() as temporary:
        trial = Path(temporary) / "model.tflite"
        write_bundle(trial, flatbuffer, manifest)
        original, converted = run.predictor(), predictor_from_bundle(trial)
        parts = {
            name: SplitAnswers.of(photograph_samples(run.pictures[name]), original, converted)
            for name in ("val", "test")
        }
        if parts["val"] is None:
            raise DataError("convert: no readable validation picture to choose temperature and thresholds with")
        trays = photograph_tray_samples(run.pictures["val"], run.labels, run.settings.cache_side)
        return ModelAnswers(
            parts={name: part for name, part in parts.items() if part is not None},
            trays=SplitAnswers.of(trays, original, converted),
            unknown={
                kind: predict_looks(converted, make_looks(run.view, pictures, read_ood_picture)[0])
                for kind, pictures in unknown.items()
            },
        )
