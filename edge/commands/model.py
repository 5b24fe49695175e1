"""``sorter model``: shows what is in a model file."""

import argparse

from rich.table import Table

from edge.inference.bundle import describe_unused, read_bundle
from edge.inference.classifier import Classifier
from edge.inference.runtime import find_runtime
from edge.models import SHIPPED, model_path
from edge.terminal.console import make_console
from edge.terminal.output import say


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``model``."""
    parser.description = "Inspect a model file."
    actions = parser.add_subparsers(dest="action", required=True, metavar="ACTION")
    info = actions.add_parser(
        "info", help="print the manifest", description="Print a model's manifest, and check that the model runs."
    )
    info.add_argument(
        "file",
        type=model_path,
        metavar="FILE",
        help=f"model made by sorter-convert, or the name of one that ships: {', '.join(SHIPPED)}",
    )
    info.add_argument("--json", action="store_true", help="the manifest as JSON, nothing else")
    info.set_defaults(run=run_info)


def run_info(arguments: argparse.Namespace) -> int:
    """Print the manifest of a model. The model must be accepted by the runtime, unless it is compiled for a Coral.

    Raises:
        ModelError: the file is no model, or the runtime does not accept it.
    """
    bundle = read_bundle(arguments.file)
    runtime = find_runtime()
    runs_on = f"{runtime.name} {runtime.version}"
    if bundle.is_compiled:
        runs_on += " with a Coral"
    else:
        Classifier(bundle, runtime)
    manifest = bundle.manifest
    if arguments.json:
        say(manifest.model_dump_json(indent=2))
        return 0
    table = Table(title=f"{arguments.file} ({arguments.file.stat().st_size / 1e6:.2f} MB)", show_header=False)
    table.add_row("name", manifest.name)
    table.add_row("created", manifest.created)
    table.add_row(
        "labels -> bins", "\n".join(f"{label} -> {manifest.bins.get(label, '?')}" for label in manifest.labels)
    )
    view = manifest.view
    margins = ", ".join(f"{margin:g}" for margin in (view.margin, *view.look_margins))
    table.add_row("view", f"{manifest.view_kind}, {view.size}x{view.size}, margins {margins}, toning {view.toning:g}")
    for name, quantization in (("input", manifest.input.quantization), ("output", manifest.output.quantization)):
        table.add_row(name, f"int8, scale {quantization.scale:.6g}, zero point {quantization.zero_point}")
    if manifest.features is not None:
        layers = "\n".join(f"{layer.name}: {layer.size}" for layer in manifest.features.layers)
        table.add_row("features", layers)
    if manifest.rehearsal is not None:
        table.add_row("rehearsal", f"{manifest.rehearsal.pictures} pictures")
    table.add_row("temperature", f"{manifest.temperature:.3f}")
    table.add_row("minimum confidence", f"{manifest.min_confidence:.2f}")
    for name, least in manifest.bin_confidence.items():
        table.add_row(f"minimum confidence, {name}", f"{least:.3f}")
    if manifest.unknown is not None:
        table.add_row("unknown", f"{manifest.unknown.score} below {manifest.unknown.least:.3f}")
    for name, figure in manifest.accuracy.items():
        parts = [f"int8 {figure.int8:.1%}"]
        if figure.float32 is not None:
            parts.append(f"float {figure.float32:.1%}")
        if figure.agreement is not None:
            parts.append(f"agreement {figure.agreement:.1%}")
        table.add_row(f"accuracy, {name}", f"{', '.join(parts)} on {figure.pictures} pictures")
    for name, fingerprint in manifest.data.items():
        table.add_row(f"data, {name}", fingerprint[:16])
    table.add_row("licence", manifest.licence)
    if bundle.unused_keys:
        table.add_row("newer, not used", describe_unused(bundle.unused_keys))
    if manifest.compiled_from is not None:
        table.add_row("compiled from SHA-256", manifest.compiled_from[:16])
    table.add_row("runs on", runs_on)
    make_console().print(table)
    return 0
