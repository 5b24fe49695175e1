"""Calibration keeps the sorter from running, whatever lies where the sorter locks."""

import os
from pathlib import Path

import pytest

from edge.calibrate.step_context import exclusive_bin_access
from edge.config.file import load_config
from edge.errors import UnavailableError
from edge.records.event_log import EventLog
from edge.records.log_lock import lock_name
from tests.builders.configuration import write_config


def test_a_running_sorter_is_told(tmp_path: Path) -> None:
    config = load_config(write_config(tmp_path / "sorter.yaml"))
    with (
        EventLog(config.event_log.file),
        pytest.raises(UnavailableError, match="the sorter is running"),
        exclusive_bin_access(config),
    ):
        pass
    with exclusive_bin_access(config):
        pass


def test_a_pipe_in_place_of_the_lock_does_not_make_it_wait(tmp_path: Path) -> None:
    config = load_config(write_config(tmp_path / "sorter.yaml"))
    config.event_log.file.parent.mkdir(exist_ok=True)
    os.mkfifo(lock_name(config.event_log.file))
    with exclusive_bin_access(config):
        pass
