"""``sorter model``: shows what is in a model file."""

import argparse

from rich.table import Table

from edge.commands.options import add_config_options, chosen_config
from edge.config.file import load_config
from edge.inference.bundle import describe_unused, read_bundle
from edge.inference.classifier import Classifier
from edge.inference.runtime import find_runtime
from edge.inference.taught_classifier import answers_of
from edge.models import SHIPPED, model_path
from edge.service.answering import decision_for_taught
from edge.service.factories import make_policy
from edge.teaching.heads.head_folder import HeadFolder
from edge.terminal.console import make_console
from edge.terminal.output import say, say_json


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
    rules = actions.add_parser(
        "rules",
        help="print what each bin asks for",
        description="Print how probable an item must be for each bin, by the configuration and by the model or head.",
    )
    rules.add_argument("--json", action="store_true", help="one JSON object, nothing else on standard output")
    add_config_options(rules)
    rules.set_defaults(run=run_rules)


def run_rules(arguments: argparse.Namespace) -> int:
    """Print the rules of the bins.

    Raises:
        SorterError: the configuration, the model or the head in use cannot be used.
    """
    config = load_config(chosen_config(arguments), arguments.overrides)
    base = read_bundle(config.model.file).manifest
    used = HeadFolder(config.head_file).current()
    decision, answers = config.decision, base if used is None else answers_of(used.head)
    if used is not None:
        decision, _ = decision_for_taught(decision, answers, base, bins=config.bins)
    policy = make_policy(decision, answers)
    least = policy.least_probabilities()
    if arguments.json:
        hazard_confidence = decision.hazard_confidence if decision.hazards else None
        say_json({"least": least, "least_score": policy.min_ood_score, "hazard_confidence": hazard_confidence})
        return 0
    for name, probability in least.items():
        say(f"{name}: from {probability:.0%}")
    say(f"{decision.residual_bin}: everything else")
    if policy.min_ood_score is not None:
        say(f"{decision.residual_bin}: whatever has a lower score than {policy.min_ood_score:g}")
    if decision.hazards:
        say(f"{decision.residual_bin}: {', '.join(decision.hazards)} from {decision.hazard_confidence:.0%}")
    return 0


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
