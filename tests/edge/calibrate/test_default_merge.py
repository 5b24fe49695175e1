"""What is new in the default configuration is merged into the user's, which keeps every value and comment of its own."""

import shutil
import subprocess
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.calibrate.default_merge import main, merge_default
from edge.errors import ConfigError
from tests.paths import ROOT

BEFORE = """\
# The default.
camera:
  kind: sim      # sim | opencv
  fps: 15        # frames per second
  old_s: 1       # no more

event_log:
  file: events.sqlite
bins:
  paper: {pin: 1}
  glass: {pin: 2}
"""

AFTER = """\
# The default.
camera:
  kind: sim      # sim | opencv
  fps: 14        # frames per second
  # How long an exposure may take,
  # at most.
  shutter_s: 0.1 # seconds

event_log:
  file: events.sqlite
  keep_days: 365 # days
# What leaves the bin.
uplink:
  kind: none     # none | mqtt
bins:
  paper: {pin: 1, soft: true}
  glass: {pin: 2}
"""

OWN = """\
# The bin in the hall.
camera:
    kind: opencv   # ours
    fps: 15        # frames per second
    old_s: 3
event_log: {file: /srv/events.sqlite}

bins:
    metal: {pin: 7}   # left
"""


def test_the_lines_of_new_keys_are_copied_and_own_values_and_comments_stay() -> None:
    own = OWN.replace("event_log: {file: /srv/events.sqlite}", "event_log:\n    file: /srv/events.sqlite")
    merge = merge_default(BEFORE, AFTER, own)
    assert (
        merge.text
        == """\
# The bin in the hall.
camera:
    kind: opencv   # ours
    fps: 14        # frames per second
    # How long an exposure may take,
    # at most.
    shutter_s: 0.1 # seconds
event_log:
    file: /srv/events.sqlite
    keep_days: 365 # days

# What leaves the bin.
uplink:
  kind: none     # none | mqtt

bins:
    metal: {pin: 7}   # left
"""
    )
    assert list(merge.lines()) == [
        "new      camera.shutter_s: 0.1",
        "new      event_log.keep_days: 365",
        "new      uplink.kind: 'none'",
        "default  camera.fps: 15 -> 14",
        "gone     camera.old_s: 3",
    ]


def test_sections_on_one_line_get_the_values_alone() -> None:
    merged = yaml.safe_load(merge_default(BEFORE, AFTER, OWN).text)
    assert merged["event_log"] == {"file": "/srv/events.sqlite", "keep_days": 365}
    assert merged["bins"] == {"metal": {"pin": 7}}


def test_a_value_of_ones_own_stays_and_the_new_default_is_told() -> None:
    merge = merge_default(BEFORE, AFTER, OWN.replace("fps: 15 ", "fps: 30 "))
    assert yaml.safe_load(merge.text)["camera"]["fps"] == 30
    assert "yours    camera.fps: 30 stays (the default is 14 now)" in merge.lines()


def test_a_key_that_was_left_out_stays_left_out() -> None:
    merge = merge_default(BEFORE, AFTER, OWN.replace("    fps: 15        # frames per second\n", ""))
    assert "fps" not in yaml.safe_load(merge.text)["camera"]


@pytest.mark.parametrize("own", [BEFORE, OWN])
def test_nothing_changes_where_the_default_did_not(own: str) -> None:
    merge = merge_default(BEFORE, BEFORE, own)
    assert (merge.text, merge.changes) == (own, False)


def test_the_former_default_becomes_the_new_one() -> None:
    assert yaml.safe_load(merge_default(BEFORE, AFTER, BEFORE).text) == yaml.safe_load(AFTER) | {
        "bins": yaml.safe_load(BEFORE)["bins"]
    }


def test_passwords_are_not_shown() -> None:
    merge = merge_default("a: {b: 1}", "a: {b: 1}\nlink: {password: hunter2}", "a: {b: 1}")
    assert list(merge.lines()) == ["new      link.password: ***"]


@pytest.mark.parametrize("text", ["- a", "a: ["])
def test_what_is_no_configuration_is_an_error(text: str) -> None:
    with pytest.raises(ConfigError):
        merge_default(BEFORE, AFTER, text)


NAMES = st.sampled_from("abc")
TREES = st.dictionaries(NAMES, st.dictionaries(NAMES, st.integers(0, 2), min_size=1), min_size=1)


@settings(max_examples=40)
@given(before=TREES, after=TREES, own=TREES, flow=st.booleans())
def test_whatever_changes_the_merge_is_the_three_way_merge_of_the_values(
    before: dict[str, dict[str, int]], after: dict[str, dict[str, int]], own: dict[str, dict[str, int]], flow: bool
) -> None:
    def text(tree: object) -> str:
        return yaml.safe_dump(tree, default_flow_style=flow, sort_keys=False)

    merge = merge_default(text(before), text(after), text(own))
    found = yaml.safe_load(merge.text)
    for section in own:
        for name, value in own[section].items():
            earlier, later = before.get(section, {}).get(name), after.get(section, {}).get(name)
            if earlier is not None and later is None:
                continue  # the new release refuses it
            if value != earlier:
                assert found[section][name] == value, "a value of one's own is lost"
            elif later is not None:
                assert found[section][name] == later
    for section in after:
        for name, value in after[section].items():
            if name not in own.get(section, {}) and name not in before.get(section, {}):
                assert found[section][name] == value, "a new key is missing"


def test_the_installer_gets_a_file_beside_the_users(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, after, own = (tmp_path / name for name in ("before.yaml", "after.yaml", "config.yaml"))
    shutil.copy(ROOT / "config.yaml", after)
    text = after.read_text(encoding="utf-8")
    before.write_text(
        "".join(line for line in text.splitlines(keepends=True) if "reserve_mb" not in line), encoding="utf-8"
    )
    own.write_text("# mine\n" + before.read_text(encoding="utf-8").replace("fps: 15 ", "fps: 12 "), encoding="utf-8")
    own.chmod(0o640)
    assert main([str(before), str(after), str(own)]) == 0
    told = capsys.readouterr().out
    assert "new      event_log.reserve_mb: 50" in told
    taking = told.rpartition("To take it: ")[2].partition(", then")[0].replace("sudo ", "")
    trial = own.with_name("trial.yaml")
    trial.write_text("mine")
    trial.with_name("trial.yaml.new").write_text("merged")
    subprocess.run(taking.replace(str(own), str(trial)), shell=True, check=True)
    kept = trial.with_name("trial.yaml.before")
    assert (trial.read_text(), kept.read_text()) == ("merged", "mine"), "there is a way back"
    merged = own.with_name("config.yaml.new")
    assert merged.stat().st_mode & 0o777 == 0o640
    assert merged.read_text(encoding="utf-8") == "# mine\n" + text.replace("fps: 15 ", "fps: 12 ")
    # Taken over: the next time there is nothing to offer.
    merged.rename(own)
    assert main([str(after), str(after), str(own)]) == 0
    assert (capsys.readouterr().out, merged.exists()) == ("", False)


def test_a_configuration_that_cannot_be_merged_is_left_alone_and_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own = tmp_path / "config.yaml"
    own.write_text("camera: [", encoding="utf-8")
    assert main([str(ROOT / "config.yaml"), str(ROOT / "config.yaml"), str(own)]) == 1
    assert "cannot be merged" in capsys.readouterr().err
    assert [path.name for path in tmp_path.iterdir()] == ["config.yaml"]
