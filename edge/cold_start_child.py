"""Child process that ``edge.bench.cold_start`` times: starts a bin, learns the empty tray and sorts a few items.

It is a program of its own and not a part of ``edge.bench``: it imports what ``sorter run`` imports.

``python -m edge.cold_start_child CONFIG KEY=VALUE...`` writes one JSON object with the fields of
``edge.bench.cold_start.StartAnswer``.
"""

import json
import sys
import time

from edge.terminal.launch import set_up_libraries


def main() -> None:
    """Start as ``sorter run`` does, sort until the camera is exhausted and print the measurements."""
    set_up_libraries()
    from edge.cli import build_parser

    overrides = [part for pair in sys.argv[2:] for part in ("--set", pair)]
    arguments = build_parser(whole=False).parse_args(["run", "--config", sys.argv[1], *overrides])

    from edge.config.file import load_config
    from edge.service.assembly import assemble
    from edge.sight.presence import PresenceState

    config = load_config(arguments.config, arguments.overrides)
    with assemble(config) as assembly:
        made_s = time.monotonic()
        camera, sorter = assembly.camera, assembly.sorter
        sequence, ready_s = -1, None
        while not camera.exhausted:
            frame = camera.read(newer_than=sequence, timeout_s=0.1)
            sequence = sequence if frame is None else frame.sequence
            sorter.step(frame)
            if ready_s is None and sorter.tray.state is not PresenceState.LEARNING:
                ready_s = time.monotonic()
    # Imported last: the measuring code must not count towards the start-up time.
    from edge.bench.machine_info import rss_mb

    sys.stdout.write(json.dumps({"made_s": made_s, "ready_s": ready_s, "rss_mb": rss_mb()}))


if __name__ == "__main__":
    main()
