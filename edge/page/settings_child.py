"""Reads a configuration for the page, in a process of its own: ``settings_child FOLDER CONFIG [KEY=VALUE ...]`` prints JSON."""

import sys
from collections.abc import Mapping

from edge.config.child_answer import print_answer
from edge.config.schema import Config


def describe(config: Config) -> Mapping[str, object]:
    """What the page needs."""
    return {
        "event_log": str(config.event_log.file),
        "images": str(config.event_log.images),
        "teaching_folder": str(config.teaching_folder),
        "head_file": str(config.head_file),
        "bins": list(config.bins),
        "labels": config.decision.labels,
        "residual_bin": config.decision.residual_bin,
        "hazards": config.decision.hazards,
        "simulated": config.camera.kind == "sim",
        "metrics_port": config.link.metrics_port,
        "metrics_token_file": None if config.link.metrics_token_file is None else str(config.link.metrics_token_file),
    }


if __name__ == "__main__":
    raise SystemExit(print_answer(sys.argv[1:], describe))
