"""Predicted mapping of a model's operations to an Edge TPU, before compilation.

The prediction follows the documentation (``convert.edgetpu.operation``). The compiler also checks sizes and may map fewer.
"""

import math
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from typing import Any

from ai_edge_litert import schema_py_generated as schema
from rich.console import Console
from rich.table import Table

from convert.edgetpu.operation import Operation

CAVEATS = dict.fromkeys(
    ("RESHAPE", "RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"), "the compiler leaves some sizes to the processor"
)
"""Operation -> reason why the compiler may still leave it to the processor; the documentation names no bounds."""
KNOWN_RELEASE = (2, 5)
"""TensorFlow at the time of the last compiler, 16.0; it refuses a whole model for one operator that is too new
(google-coral/edgetpu #631)."""


@dataclass(frozen=True, slots=True)
class OperationGroup:
    """Operations of one kind with the same prediction.

    Attributes:
        operation: its name in TFLite.
        count: number of operations, >= 1.
        obstacle: why they stay on the processor; None: the documentation names no reason.
        caveat: why the compiler may still leave them to the processor; None: nothing known.
    """

    operation: str
    count: int
    obstacle: str | None
    caveat: str | None


@dataclass(frozen=True, slots=True)
class EdgeTpuMapping:
    """Predicted mapping of a model's operations to Edge TPU and processor.

    Attributes:
        rows: in the order of the graph.
        warnings: about the model as a whole.
        answer_bytes: bytes that come back for each view: logits and features.
    """

    rows: tuple[OperationGroup, ...]
    warnings: tuple[str, ...]
    answer_bytes: int

    @property
    def edgetpu_count(self) -> int:
        """Number of operations that can run on the Edge TPU."""
        return sum(row.count for row in self.rows if row.obstacle is None)

    @property
    def cpu_count(self) -> int:
        """Number of operations that stay on the processor."""
        return sum(row.count for row in self.rows if row.obstacle is not None)

    def as_dict(self) -> dict[str, Any]:
        """For JSON."""
        rows = [asdict(row) for row in self.rows]
        return {
            "mapped": self.edgetpu_count,
            "left": self.cpu_count,
            "operations": rows,
            "answer_bytes": self.answer_bytes,
            "warnings": list(self.warnings),
        }

    def show(self, console: Console) -> None:
        """Print it."""
        title = f"Edge TPU: {self.edgetpu_count} of {self.edgetpu_count + self.cpu_count} operations can be mapped"
        table = Table(title=title, title_justify="left")
        for column in ("operation", "count", "runs on", "why"):
            table.add_column(column, justify="right" if column == "count" else "left")
        for row in self.rows:
            where = "Edge TPU" if row.obstacle is None else "processor"
            table.add_row(row.operation, str(row.count), where, row.obstacle or row.caveat or "")
        console.print(table)
        console.print(f"answer: {self.answer_bytes:,} bytes for each view", highlight=False)
        for warning in self.warnings:
            console.print(f"warning: {warning}", highlight=False, soft_wrap=True)


def predict_edgetpu_mapping(flatbuffer: bytes) -> EdgeTpuMapping:
    """Predict the mapping of each operation of a TFLite model's first graph."""
    model = schema.ModelT.InitFromPackedBuf(flatbuffer, 0)
    found: Counter[tuple[str, str | None]] = Counter()
    cut = False
    for operator in model.subgraphs[0].operators:
        operation = Operation(model, operator)
        obstacle = "it comes after one that stays on the processor" if cut else operation.obstacle()
        # The compiler cuts the graph once: no operation after the cut is mapped.
        cut = cut or obstacle is not None
        found[operation.name, obstacle] += 1
    rows = tuple(OperationGroup(name, count, obstacle, CAVEATS.get(name)) for (name, obstacle), count in found.items())
    graph = model.subgraphs[0]
    answer_bytes = sum(math.prod(map(int, graph.tensors[one].shape)) for one in graph.outputs)
    return EdgeTpuMapping(rows, tuple(_warnings(model)), answer_bytes)


def _warnings(model: Any) -> Iterator[str]:
    if len(model.subgraphs) > 1:
        yield f"the model has {len(model.subgraphs)} graphs; only the first was looked at"
    release = next(
        (model.buffers[one.buffer].data for one in model.metadata or [] if one.name == b"min_runtime_version"), None
    )
    text = "" if release is None else bytes(release).rstrip(b"\0").decode(errors="replace")
    parts = text.split(".")
    if len(parts) >= 2 and all(part.isdigit() for part in parts[:2]) and (int(parts[0]), int(parts[1])) > KNOWN_RELEASE:
        yield (
            f"some operator is as new as TensorFlow {text}; the compiler 16.0 is of the time of "
            f"{'.'.join(map(str, KNOWN_RELEASE))} and may refuse the model"
        )
