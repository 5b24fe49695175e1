"""Writing the configuration: only the changed values, atomically."""

import os
from pathlib import Path

import pytest
import yaml

from edge.calibrate.config_writer import ConfigWriter
from edge.calibrate.proposal import Key, Proposal
from edge.calibrate.yaml_edit import rewritten
from edge.config.file import load_config
from edge.errors import ConfigError, UnavailableError
from tests.paths import ROOT

SHIPPED = (ROOT / "config.yaml").read_text(encoding="utf-8")

ODD = """\
# by hand, with three spaces
camera: {kind: "sim", width: 320, height: 240}  # the "quotes" stay
decision:
   labels: {cardboard: 'paper'}
   residual_bin: paper
   hazards:
      - battery
      - "knife"   # sharp

bins:
   paper:      # the only one
      flap: {kind: servo, pin: 0x0c, home_deg: -45.0, open_deg: +45}

      dwell_s: 1.00
tray: ~
# the end
"""


def diff(before: str, after: str) -> list[tuple[str, str]]:
    lines = before.splitlines(), after.splitlines()
    assert len(lines[0]) == len(lines[1]), "no line is added, none lost"
    return [(old, new) for old, new in zip(*lines, strict=True) if old != new]


# --- the text ---------------------------------------------------------------------------------------------------------


def test_nothing_changed_is_the_same_text() -> None:
    assert rewritten(SHIPPED, {}) == SHIPPED


@pytest.mark.parametrize(
    ("key", "value", "line"),
    [
        (("camera", "kind"), "opencv", "  kind: opencv"),
        (("camera", "opencv", "source"), "/dev/v4l/by-id/usb-x", "    source: /dev/v4l/by-id/usb-x"),
        (("tray", "region"), [0.1, 0.05, 0.9, 1], "  region: [0.1, 0.05, 0.9, 1]"),
        (("tray", "empty_tray"), "empty-tray.png", "  empty_tray: empty-tray.png"),
        (("tray", "memory"), None, "  memory: null"),
        (("bins", "paper", "flap", "home_deg"), -44.5, "      home_deg: -44.5"),
        (("bins", "glass", "flap", "travel_s"), 0.55, "open_deg: 45, travel_s: 0.55, force_n: 4}"),
        (("bins", "residual", "flap", "active_high"), True, "active_high: true, travel_s: 0.3, force_n: 4}"),
    ],
)  # fmt: skip
def test_one_value_changes_one_line_and_its_comment_stays(key: Key, value: object, line: str) -> None:
    changes = diff(SHIPPED, rewritten(SHIPPED, {key: value}))
    assert len(changes) == 1
    before, after = changes[0]
    assert after.split(" #")[0].rstrip().endswith(line)
    assert after.partition("#")[2] == before.partition("#")[2]


def test_a_key_that_is_left_out_is_added_to_its_section() -> None:
    changes = diff(SHIPPED, rewritten(SHIPPED, {("bins", "glass", "flap", "min_deg"): -80}))
    assert changes[0][1].endswith("travel_s: 0.4, force_n: 4, min_deg: -80}")
    added = yaml.safe_load(rewritten(ODD, {("flaps", "pin_factory"): "lgpio", ("tray", "region"): [0, 0, 1, 0.5]}))
    assert added["flaps"] == {"pin_factory": "lgpio"}
    assert added["tray"] == {"region": [0, 0, 1, 0.5]}


def test_a_file_in_another_style_keeps_it() -> None:
    text = rewritten(ODD, {("bins", "paper", "flap", "open_deg"): 40, ("bins", "paper", "dwell_s"): 1.2})
    assert diff(ODD.replace("+45", "40").replace("1.00", "1.2").replace("tray: ~", "tray: null"), text) == []


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("bins:\n  a: &a {flap: {pin: 1}}\n  b: *a\n", "cannot be preserved"),
        ("bins: 3\n", "bins is a value, not a section"),
    ],
)
def test_a_text_whose_style_cannot_be_preserved_is_refused(text: str, what: str) -> None:
    with pytest.raises(ConfigError, match=what):
        rewritten(text, {("bins", "a", "flap", "pin"): 2})


# --- the file ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "config.yaml"
    file.write_text(SHIPPED, encoding="utf-8")
    file.chmod(0o640)
    return file


TRAVEL: Key = ("bins", "glass", "flap", "travel_s")


def test_the_file_before_the_first_change_is_kept(path: Path) -> None:
    writer = ConfigWriter(path)
    writer.write(Proposal({TRAVEL: 0.5}))
    writer.write(Proposal({TRAVEL: 0.6}))
    assert load_config(path).bins["glass"].flap.travel_s == 0.6
    assert path.with_name("config.yaml.bak").read_text(encoding="utf-8") == SHIPPED
    assert sorted(one.name for one in path.parent.iterdir()) == ["config.yaml", "config.yaml.bak"]


def test_the_difference_is_what_will_be_written(path: Path) -> None:
    writer = ConfigWriter(path)
    lines = writer.difference(Proposal({TRAVEL: 0.5}))
    assert [line[0] for line in lines] == ["-", "+"]
    assert "travel_s: 0.5, force_n: 4}" in lines[1]
    assert path.read_text(encoding="utf-8") == SHIPPED
    assert writer.difference(Proposal({TRAVEL: 0.4})) == []


def test_a_value_out_of_range_leaves_everything_as_it_is(path: Path) -> None:
    with pytest.raises(ConfigError, match=r"config\.yaml:\d+: bins\.glass\.flap\.travel_s: got 50") as caught:
        ConfigWriter(path).write(Proposal({TRAVEL: 50}))
    assert ".part" not in str(caught.value)
    assert path.read_text(encoding="utf-8") == SHIPPED
    assert [one.name for one in path.parent.iterdir()] == ["config.yaml"]


def test_a_full_disk_leaves_the_configuration_as_it_is(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(UnavailableError, match="it is unchanged"):
        ConfigWriter(path).write(Proposal({TRAVEL: 0.5}, {path.parent / "empty-tray.png": b"..."}))
    assert path.read_text(encoding="utf-8") == SHIPPED
    assert [one.name for one in path.parent.iterdir()] == ["config.yaml"]


def test_owner_and_rights_stay(path: Path) -> None:
    if os.geteuid() == 0:
        os.chown(path, 1234, 4321)
    before = path.stat()
    ConfigWriter(path).write(Proposal({TRAVEL: 0.5}))
    for file in (path, path.with_name("config.yaml.bak")):
        after = file.stat()
        assert (after.st_mode, after.st_uid, after.st_gid) == (before.st_mode, before.st_uid, before.st_gid)


def test_a_link_stays_a_link(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "elsewhere" / "config.yaml"
    link.parent.mkdir()
    link.symlink_to(path)
    ConfigWriter(link).write(Proposal({TRAVEL: 0.5}))
    assert link.is_symlink()
    assert load_config(path).bins["glass"].flap.travel_s == 0.5


def test_a_folder_that_is_not_writable_is_reported_before_any_work(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(UnavailableError, match="sudo"):
        ConfigWriter(path)
