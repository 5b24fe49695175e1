"""What the configuration says of keeping events reaches the one who deletes them."""

from pathlib import Path

import pytest

from edge.alarms import Alarms
from edge.config.file import load_config
from edge.records.event_log import EventLog
from edge.records.housekeeping import DAY_S, Retention
from edge.service.records import make_image_ring, make_recorder
from hardware.clock import ManualClock


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ((), Retention(feature_bytes=50_000_000)),
        (("event_log.keep_days=30",), Retention(keep_s=30 * DAY_S, feature_bytes=50_000_000)),
        (("event_log.keep_days=1", "event_log.event_budget_mb=2.5"), Retention(DAY_S, 2_500_000, 50_000_000)),
        (("event_log.feature_budget_mb=0",), Retention(feature_bytes=0)),
    ],
)
def test_events_are_kept_as_the_configuration_says(
    tmp_path: Path, overrides: tuple[str, ...], expected: Retention
) -> None:
    files = (f"event_log.file={tmp_path}/e.sqlite", f"event_log.images={tmp_path}/images")
    config = load_config(Path("config.yaml"), [*files, *overrides])
    clock = ManualClock()
    with EventLog(config.event_log.file) as events:
        recorder = make_recorder(
            config,
            clock,
            events,
            make_image_ring(config),
            alarms=Alarms(),
            wall_synced=lambda: True,
            writer=None,
        )
        assert recorder._housekeeping is not None
        assert recorder._housekeeping._retention == expected
