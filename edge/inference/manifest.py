"""The manifest of a model: its labels, views, thresholds, and measured accuracy."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from edge.inference.features import FeatureSpec
from edge.inference.manifest_section import ManifestSection
from edge.inference.ood_score import Measure
from edge.inference.quantization import Quantization
from edge.inference.rehearsal import MOST_BYTES, RehearsalSpec, stored_bytes
from edge.sight.view import ViewSpec

FORMAT = 2
"""The newest format that this program reads. 1: one output. 2: outputs by name, features, and blocks that a reader which does
not know them sets aside (``required``)."""


class InputSpec(ManifestSection):
    """The only input of the graph: int8 (1, size, size, 3), RGB, representing real values from -1 to 1."""

    colour: Literal["RGB"] = "RGB"
    value_range: tuple[float, float] = (-1.0, 1.0)
    quantization: Quantization


class OutputSpec(ManifestSection):
    """The output that answers: logits, int8 (1, labels)."""

    kind: Literal["logits"] = "logits"
    name: str | None = Field(None, min_length=1, max_length=200)
    """Name of the output of the graph; None: it has no other."""
    quantization: Quantization


class Accuracy(ManifestSection):
    """Measured accuracy on a data set.

    Attributes:
        float32: accuracy of the float model, 0..1.
        int8: accuracy of the int8 model, 0..1.
        agreement: fraction of images on which both predict the same label, 0..1.
        pictures: number of images.
    """

    float32: float | None = Field(None, ge=0, le=1)
    int8: float = Field(ge=0, le=1)
    agreement: float | None = Field(None, ge=0, le=1)
    pictures: int = Field(gt=0)


class OutOfDistributionSpec(ManifestSection):
    """How the model detects items that it was not trained on."""

    score: Measure
    """Kind of score, see ``edge.inference.ood_score``, averaged over the views of a vote."""
    least: float = Field(allow_inf_nan=False)
    """Items with a lower score are out of distribution, unless the configuration sets another limit."""
    auroc: float | None = Field(None, ge=0, le=1)
    """Measured area under the ROC curve: probability that a known item scores higher than an unknown one."""


class Manifest(ManifestSection):
    """The manifest, stored in the model file as ``manifest.json``."""

    format: int = Field(1, ge=1, le=FORMAT)
    """See ``FORMAT``; chosen by what the model needs (``needed_format``)."""
    name: str = Field(min_length=1, max_length=64)
    created: str
    """Time of creation, ISO 8601, UTC."""
    labels: tuple[str, ...] = Field(min_length=2)
    input: InputSpec
    output: OutputSpec
    features: FeatureSpec | None = None
    """None: the model has no outputs but the logits, and a bin cannot be taught with it."""
    rehearsal: RehearsalSpec | None = None
    """None: the model file carries no rehearsal, and a head that keeps the old labels forgets them."""
    view: ViewSpec
    view_kind: Literal["object", "full"] = "object"
    temperature: float = Field(1.0, gt=0, le=100)
    """Divisor of the logits before the softmax, which calibrates the confidence (Guo et al. 2017)."""
    min_confidence: float = Field(0.0, ge=0, le=1)
    """Minimum confidence, unless the configuration sets another one."""
    bin_confidence: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """Minimum summed probability of the labels of a bin of ``bins``; the others use ``min_confidence``."""
    unknown: OutOfDistributionSpec | None = None
    """None: the model has no out-of-distribution detection."""
    bins: dict[str, str] = Field(default_factory=dict)
    """Label -> suggested bin."""
    data: dict[str, str] = Field(default_factory=dict)
    """Training data set -> SHA-256 over its sorted file names and contents."""
    accuracy: dict[str, Accuracy] = Field(default_factory=dict)
    """Data set -> measured accuracy."""
    licence: str = ""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """SHA-256 of the flatbuffer."""
    compiled_from: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    """``sha256`` of the model that this one was compiled from for an accelerator; None: it runs on the CPU."""

    required: tuple[str, ...] = ()
    """Keys of the manifest, such as "features" or "view.toning", without which the model would be misread: a program that does
    not know one refuses the model. Every other key that it does not know is left unused, and named."""

    @property
    def needed_format(self) -> int:
        """The oldest format that can say what this manifest says, so that older bins read what they can."""
        return 1 if self.features is None and self.output.name is None and not self.required else 2

    @property
    def outputs(self) -> tuple[str, ...]:
        """Names of the graph's outputs that are used, the logits' first; empty: the only one, whatever its name."""
        if self.output.name is None:
            return ()
        layers = self.features.layers if self.features else ()
        # The logits may be a layer of the features as well.
        return tuple(dict.fromkeys((self.output.name, *(layer.output for layer in layers))))

    @property
    def least_score(self) -> float | None:
        """Items with a lower out-of-distribution score are unknown; None: the model gives no score."""
        return None if self.unknown is None else self.unknown.least

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels: expected each one once, got {list(self.labels)}")
        unknown = sorted(set(self.bins) - set(self.labels))
        if unknown:
            raise ValueError(f"bins: {unknown} are not among the labels {list(self.labels)}")
        strange = sorted(set(self.bin_confidence) - set(self.bins.values()))
        if strange:
            raise ValueError(f"bin_confidence: {strange} are not among the bins {sorted(set(self.bins.values()))}")
        if self.features is not None and self.output.name is None:
            raise ValueError("output.name: missing; a model with features has several outputs")
        if self.rehearsal is not None and self.features is None:
            raise ValueError("features: missing; a rehearsal consists of features")
        if self.rehearsal is not None and self.features is not None:
            count = stored_bytes(self.rehearsal, self.features.size)
            if count > MOST_BYTES:
                raise ValueError(f"rehearsal: has {count} bytes, expected at most {MOST_BYTES}")
        layers = [layer.output for layer in self.features.layers] if self.features else []
        if len(set(layers)) != len(layers):
            raise ValueError(f"features: expected each output once, got {layers}")
        return self
