"""Reads a configuration for the link, in a process of its own: ``settings_child FOLDER CONFIG [KEY=VALUE ...]`` prints JSON."""

import sys
from collections.abc import Mapping

from edge.config.child_answer import print_answer
from edge.config.schema import Config
from edge.terminal.parser import version


def describe(config: Config) -> Mapping[str, object]:
    """What the link needs."""
    return {
        "event_log": str(config.event_log.file),
        "images": str(config.event_log.images),
        "bins": list(config.bins),
        "level_bins": [name for name, one in config.bins.items() if one.level is not None],
        "residual_bin": config.decision.residual_bin,
        "labels": config.decision.labels,
        "link": config.link.model_dump(mode="json") | {"port": config.link.broker_port},
        "version": version(),
    }


if __name__ == "__main__":
    raise SystemExit(print_answer(sys.argv[1:], describe))
