"""What a model says about itself."""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from edge.inference.ood_score import Measure
from edge.sight.view import ViewSpec


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", protected_namespaces=())


class Quantization(_Part):
    """real = scale * (quantized - zero_point)."""

    scale: float = Field(gt=0)
    zero_point: int = Field(ge=-128, le=127)


class InputSpec(_Part):
    """What the graph's only input takes: int8 (1, size, size, 3), RGB, standing for real values from -1 to 1."""

    colour: Literal["RGB"] = "RGB"
    value_range: tuple[float, float] = (-1.0, 1.0)
    quantization: Quantization


class OutputSpec(_Part):
    """What the graph's only output gives: int8 (1, labels), logits."""

    kind: Literal["logits"] = "logits"
    quantization: Quantization


class Accuracy(_Part):
    """A measured figure: share right (0..1) of ``pictures`` on a named set."""

    float32: float | None = Field(None, ge=0, le=1)
    int8: float = Field(ge=0, le=1)
    agreement: float | None = Field(None, ge=0, le=1)
    pictures: int = Field(gt=0)


class OutOfDistributionSpec(_Part):
    """How the model tells things that it never learnt."""

    score: Measure
    """What is measured, see ``edge.inference.ood_score``; the mean over the views of a vote."""
    least: float = Field(allow_inf_nan=False)
    """An item with a lower score is unknown, unless the configuration sets its own."""
    auroc: float | None = Field(None, ge=0, le=1)
    """Measured: how often a known item scores higher than an unknown one."""


class Manifest(_Part):
    """Travels inside the model file as ``manifest.json``."""

    format: Literal[1] = 1
    name: str = Field(min_length=1, max_length=64)
    created: str
    """ISO 8601, UTC."""
    labels: tuple[str, ...] = Field(min_length=2)
    input: InputSpec
    output: OutputSpec
    view: ViewSpec
    view_kind: Literal["object", "full"] = "object"
    temperature: float = Field(1.0, gt=0, le=100)
    """Logits are divided by it before the softmax, so that confidence means something (Guo et al. 2017)."""
    min_confidence: float = Field(0.0, ge=0, le=1)
    """Below it the item is called unsure, unless the configuration sets its own."""
    bin_confidence: dict[str, Annotated[float, Field(ge=0, le=1)]] = Field(default_factory=dict)
    """The same for a bin of ``bins`` alone: least summed probability of its labels. A bin without goes by min_confidence."""
    unknown: OutOfDistributionSpec | None = None
    """None: the model calls nothing unknown."""
    bins: dict[str, str] = Field(default_factory=dict)
    """Suggested bin for each label."""
    data: dict[str, str] = Field(default_factory=dict)
    """Data set name -> SHA-256 over the sorted file names and contents that were trained on."""
    accuracy: dict[str, Accuracy] = Field(default_factory=dict)
    """Set name -> measured figure."""
    licence: str = ""
    sha256: str = Field(pattern=r"^[0-9a-f]{64}$")
    """Of the flatbuffer that the manifest is appended to."""
    compiled_from: str | None = Field(None, pattern=r"^[0-9a-f]{64}$")
    """``sha256`` of the model that this one was compiled from for an accelerator; None: it runs on the processor."""

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if len(set(self.labels)) != len(self.labels):
            raise ValueError(f"labels: each may stand once, got {list(self.labels)}")
        unknown = sorted(set(self.bins) - set(self.labels))
        if unknown:
            raise ValueError(f"bins: {unknown} are not among the labels {list(self.labels)}")
        strange = sorted(set(self.bin_confidence) - set(self.bins.values()))
        if strange:
            raise ValueError(f"bin_confidence: {strange} are not among the bins {sorted(set(self.bins.values()))}")
        return self
