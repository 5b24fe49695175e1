"""The configuration: every key is checked, and an error names the key, the value and what was expected."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from edge.config.file import PATH_KEYS, load_config
from edge.config.problems import MOST_PROBLEMS
from edge.config.schema import Config
from edge.errors import ConfigError, InputMissingError, SorterError
from hardware.registry import FLAPS
from tests.builders.configuration import BINS, config_tree, write_config
from tests.paths import ROOT


def with_key(tree: dict[str, Any], dotted: str, value: Any) -> dict[str, Any]:
    """``tree`` with the key ``a.b.c`` set."""
    *sections, last = dotted.split(".")
    node = tree
    for section in sections:
        node = node.setdefault(section, {})
    node[last] = value
    return tree


def replaced(tree: dict[str, Any], dotted: str, value: Any) -> dict[str, Any]:
    """As ``with_key``, in a tree where nonsense may stand above the key: then it stays."""
    *sections, last = dotted.split(".")
    node: Any = tree
    for section in sections:
        node = node.setdefault(section, {}) if isinstance(node, dict) else None
    if isinstance(node, dict):
        node[last] = value
    return tree


def flatten(tree: dict[str, Any], above: str = "") -> Iterator[str]:
    for name, value in tree.items():
        yield f"{above}{name}"
        if isinstance(value, dict):
            yield from flatten(value, f"{above}{name}.")


def dump(path: Path, tree: dict[str, Any]) -> Path:
    path.write_text(yaml.safe_dump(tree, sort_keys=False), encoding="utf-8")
    return path


def test_the_working_default_loads() -> None:
    config = load_config(ROOT / "config.yaml")
    assert config.camera.kind == "sim"
    assert config.flaps.pin_factory == "mock"
    assert config.decision.labels == BINS


def test_what_is_left_out_takes_the_default(tmp_path: Path) -> None:
    path = tmp_path / "small.yaml"
    path.write_text(yaml.safe_dump({key: config_tree()[key] for key in ("decision", "bins")}))
    config = load_config(path)
    tree = yaml.safe_load(path.read_text())
    plain = Config.model_validate(tree)
    paths = {
        "tray": {"memory": str(tmp_path / "state" / "tray.npz")},
        "model": {"file": str(tmp_path / plain.model.file)},
        "event_log": {"file": str(tmp_path / plain.event_log.file), "images": str(tmp_path / plain.event_log.images)},
    }
    assert config == Config.model_validate(tree | paths), "in the file's folder"
    assert config.camera.max_frame_age_s == 0.5


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [
        ("camera.kind", "webcam", r"camera\.kind: got 'webcam'; expected one of sim, opencv, folder, picamera2$"),
        ("camera.fps", 0, r"camera\.fps: got 0; expected a number from 1 to 120$"),
        ("camera.fps", float("nan"), r"camera\.fps: got nan"),
        ("camera.width", "wide", r"camera\.width: got 'wide'; expected a whole number$"),
        ("camera.max_frame_age_s", 0, r"camera\.max_frame_age_s: got 0"),
        ("camera.max_frame_age_s", 1.3, r"camera\.max_frame_age_s: got 1\.3"),
        ("decision.stall_s", 4, r"decision\.stall_s: got 4"),
        ("decision.stall_s", 601, r"decision\.stall_s: got 601"),
        ("camera.fbs", 30, r"camera\.fbs: unknown key; did you mean fps\?$"),
        ("kamera", {}, r"kamera: unknown key; did you mean camera\?$"),
        ("fps", 30, r"fps: unknown key here; did you mean camera\.fps\?$"),
        ("zebra", 30, r"zebra: unknown key; expected one of camera, tray, model, decision, bins"),
        ("bins.glass.dwel_s", 1, r"bins\.glass\.dwel_s: unknown key; did you mean dwell_s\?$"),
        ("bins.glass.flap.close_deg", 1, r"flap\.close_deg: unknown key; did you mean open_deg\?$"),
        ("tray.region", [0, 0, 1], r"tray\.region: got \[0, 0, 1\]; expected a list of 4$"),
        ("tray.region", [0, 0, 1, 1, 1], r"tray\.region: got \[0, 0, 1, 1, 1\]; expected at most 4 of them$"),
        ("tray.region", [0, 0, 1, 2], r"tray\.region\.3: got 2; expected at most 1$"),
        ("camera.opencv.source", [1], r"camera\.opencv\.source: got \[1\]; expected a whole number or text$"),
        ("camera.opencv.lock", "maybe", r"camera\.opencv\.lock: got 'maybe'; expected true or false$"),
        ("camera.opencv.fourcc", "mjpg", r"camera\.opencv\.fourcc: got 'mjpg'; expected text of pattern"),
        ("tray.hand_clear_s", -0.1, r"tray\.hand_clear_s: got -0\.1"),
        ("tray.region", [0.5, 0, 0.52, 1], r"tray: region: expected \[left, top, right, bottom\]"),
        ("model.threads", 0, r"model\.threads: got 0"),
        ("decision.views", 0, r"decision\.views: got 0"),
        ("decision.labels", {}, r"decision\.labels"),
        (
            "decision.labels",
            {"glass": "cellar"},
            r"decision\.labels\.glass: there is no bin 'cellar'; bins are paper, glass",
        ),
        ("decision.labels.glass", "Glas", r"labels\.glass: there is no bin 'Glas'; .*; did you mean glass\?$"),
        (
            "decision.labels",
            {False: "glass"},
            r"decision\.labels: a key is read as False; expected text: put it in quotes$",
        ),
        ("decision.residual_bin", "rest", r"decision\.residual_bin: there is no bin 'rest'"),
        (
            "decision.hazards",
            ["battery"],
            r"decision\.hazards: 'battery' is not among decision\.labels; labels are cardboard",
        ),
        ("decision.hazards", ["plastics"], r"'plastics' is not among .*; did you mean plastic\?$"),
        ("decision.hazards", "glass", r"decision\.hazards: got 'glass'; expected a list, as in \[a, b\]$"),
        ("decision.min_confidence", 1.5, r"decision\.min_confidence: got 1\.5"),
        ("decision.unknown", "off", r"decision\.unknown: got 'off'; expected model, never or a number"),
        ("decision.unknown", True, r"decision\.unknown: got True; expected model, never or a number"),
        ("decision.unknown", float("nan"), r"decision\.unknown: got nan; expected"),
        ("bins", {}, r"bins: got \{\}"),
        ("bins.glass.flap.pin", 28, r"bins\.glass\.flap\.pin: got 28; expected a whole number from 0 to 27$"),
        ("bins.glass.flap.pin", 12, r"bins\.glass\.flap\.pin: GPIO 12 is taken by bins\.paper\.flap\.pin already"),
        ("bins.glass.flap.kind", "spring", r"bins\.glass\.flap\.kind: got 'spring'; expected one of servo"),
        ("bins.glass.flap.kind", "realy", r"bins\.glass\.flap\.kind: got 'realy'; .*; did you mean relay\?$"),
        (
            "bins.glass.flap.open_deg",
            91,
            r"bins\.glass\.flap.*open_deg 91\.0 lies outside min_deg -90\.0 \.\. max_deg 90\.0",
        ),
        ("bins.glass.flap.open_deg", -45, r"bins\.glass\.flap.*the flap would never open"),
        ("bins.glass.flap.min_pulse_ms", 2.5, r"bins\.glass\.flap.*min_pulse_ms below max_pulse_ms"),
        ("bins.glass.dwell_s", 0.3, r"bins\.glass: dwell_s 0\.3 is shorter than the flap's travel_s 0\.4"),
        ("bins.residual.flap.home_deg", 5, r"bins\.residual\.flap\.home_deg: unknown key"),
        (
            "bins.glass.flap.end_switch",
            {"pin": 13},
            r"glass\.flap\.end_switch\.pin: GPIO 13 is taken by bins\.glass\.flap\.pin",
        ),
        ("bins.glass.flap.end_switch", {"pin": 28}, r"bins\.glass\.flap\.end_switch\.pin: got 28"),
        ("bins.glass.flap.end_switch", {}, r"bins\.glass\.flap\.end_switch\.pin: missing"),
        (
            "panel.lid",
            {"pin": 22, "active_high": False},
            r"panel\.lid: active_high: unknown key; expected contact: opens .* or contact: closes",
        ),
        ("panel.stop_button", {"pin": 22, "contact": "opened"}, r"panel\.stop_button\.contact: got 'opened'"),
        ("panel.lid", {"pin": 12}, r"panel\.lid\.pin: GPIO 12 is taken by bins\.paper\.flap\.pin already"),
        (
            "panel.light",
            {"kind": "leds", "fault": 23},
            r"panel\.light\.fault: GPIO 23 is taken by bins\.residual\.flap\.pin",
        ),
        ("panel.light", {"kind": "leds"}, r"panel\.light: expected a pin for at least one of ready, sorting"),
        ("panel.light", {"kind": "beacon", "ready": 5}, r"panel\.light\.kind: got 'beacon'; expected one of leds$"),
        ("panel.door", {"pin": 5}, r"panel\.door: unknown key"),
        ("panel.lid", {"pin": True}, r"panel\.lid\.pin: got True"),
        (
            "bins.glass.level",
            {"kind": "sim", "empty_m": 0.1, "full_m": 0.6},
            r"glass\.level: full_m 0\.6 must be below empty_m",
        ),
        ("bins.glass.level", {"kind": "sim", "empty_m": 0.6}, r"bins\.glass\.level\.full_m: missing"),
        (
            "bins.glass.level",
            {"kind": "scales", "empty_m": 1, "full_m": 0.1},
            r"bins\.glass\.level\.kind: got 'scales'; expected one of ultrasonic",
        ),
        (
            "bins.glass.level",
            {"kind": "vl53l0x", "empty_m": 0.6, "full_m": 0.1},
            r"bins\.glass\.level\.kind: expected sim with camera\.kind sim, got vl53l0x",
        ),
        (
            "bins.glass.flap",
            {"kind": "pca9685", "channel": 0, "home_deg": 0, "open_deg": 90},
            r"bins\.glass\.flap\.kind: camera\.kind is sim, so expected servo or relay.*, got pca9685",
        ),
        (
            "bins.residual.flap",
            {"kind": "relay", "pin": 23},
            r"bins\.residual\.flap\.active_high: missing; expected .* false for most opto-coupled relay boards",
        ),
        (
            "drives",
            {
                "carousel": {"kind": "carousel", "step_pin": 16, "dir_pin": 25, "enable_pin": 4, "gate_pin": 9}
                | {"home_switch": {"pin": 10}}
            },
            r"drives\.carousel\.gate_active_high: missing; expected .* false for most opto-coupled relay boards",
        ),
        ("flaps.pin_factory", "lgpio", r"camera\.kind is sim, so flaps\.pin_factory must be mock"),
        ("flaps.max_openings_per_min", 0, r"flaps\.max_openings_per_min: got 0"),
        ("simulation.gap_s", [2, 1], r"simulation\.gap_s: .*\[minimum, maximum\]"),
        ("simulation.start_open", ["cellar"], r"simulation\.start_open: there is no bin 'cellar'"),
        ("camera", {"kind": "folder"}, r"camera\.folder\.path must name a folder"),
        ("camera", 5, r"camera: got 5"),
        ("decision", None, r"decision: got None"),
    ],
)
def test_a_value_that_does_not_fit_is_reported_with_its_key(tmp_path: Path, key: str, value: Any, text: str) -> None:
    path = dump(tmp_path / "c.yaml", with_key(config_tree(), key, value))
    with pytest.raises(ConfigError, match=text) as caught:
        load_config(path)
    (line,) = {found.partition(":")[0] for found in str(caught.value).split(f"configuration {path}:")[1:]}
    assert key.split(".")[0] in "".join(path.read_text().splitlines()[: int(line)])
    assert len(caught.value.problems) == 1
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("text", "value"), [("model", "model"), ("never", "never"), ("-2", -2.0), ("0.5", 0.5)])
def test_what_counts_as_unknown_is_a_word_or_a_number(config_file: Path, text: str, value: object) -> None:
    assert load_config(config_file, [f"decision.unknown={text}"]).decision.unknown == value


SEVERAL_PROBLEMS = """\
camera:
  fbs: 30
  fps: 0

decision:
  labels:
    glass: glas
  residual_bin: residual
bins:
  glass: {flap: {kind: servo, pin: 12, home_deg: -45, open_deg: 45}, dwel_s: 1}
  residual:
    flap: {kind: realy, pin: 23, active_high: false}
simulation:
  start_open: [cellar]
"""
# Line -> how its problem begins.
LINES = {
    2: "camera.fbs: unknown key; did you mean fps?",
    3: "camera.fps: got 0; expected",
    7: "decision.labels.glass: there is no bin 'glas'; bins are glass, residual; did you mean glass?",
    10: "bins.glass.dwel_s: unknown key; did you mean dwell_s?",
    12: "bins.residual.flap.kind: got 'realy'; expected one of servo",
    14: "simulation.start_open: there is no bin 'cellar'",
}


def test_every_problem_is_reported_at_once_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(SEVERAL_PROBLEMS)
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    problems = caught.value.problems
    assert len(problems) == len(LINES)
    for problem, (line, begin) in zip(problems, LINES.items(), strict=True):
        assert problem.startswith(f"configuration {path}:{line}: {begin}")


def test_what_does_not_go_together_is_reported_at_once(tmp_path: Path) -> None:
    changes = {"bins": {"glass": {"flap": {"pin": 12}}}, "flaps": {"pin_factory": "lgpio"}}
    path = write_config(tmp_path / "c.yaml", changes | {"simulation": {"start_open": ["cellar", "attic"]}})
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    for text in ("'cellar'", "'attic'", "GPIO 12 is taken", "pin_factory must be mock"):
        assert sum(text in problem for problem in caught.value.problems) == 1


def test_of_another_kind_of_file_the_first_problems_are_reported(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text("".join(f"k{number}: 1\n" for number in range(100)))
    with pytest.raises(ConfigError) as caught:
        load_config(path)
    assert len(caught.value.problems) == MOST_PROBLEMS + 1
    assert caught.value.problems[-1].endswith("problems more")


@pytest.mark.parametrize("missing", ["decision", "bins"])
def test_a_section_that_must_be_there(tmp_path: Path, missing: str) -> None:
    tree = config_tree()
    del tree[missing]
    path = tmp_path / "c.yaml"
    path.write_text(yaml.safe_dump(tree))
    with pytest.raises(ConfigError, match=f"{missing}: missing"):
        load_config(path)


def test_paths_are_taken_from_the_files_folder_and_overrides_from_the_working_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    here, there = tmp_path / "here", tmp_path / "there"
    here.mkdir()
    write_config(there / "c.yaml", {"simulation": {"photos": "photos"}, "event_log": {"file": "/abs/e.sqlite"}})
    monkeypatch.chdir(here)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    config = load_config(Path("../there/c.yaml"), ["model.file=my.tflite", "tray.empty_tray=~/tray.jpg"])
    assert config.simulation.photos == there / "photos"
    assert config.event_log.images == there / "state" / "images"
    assert config.event_log.file == Path("/abs/e.sqlite")
    assert config.model.file == here / "my.tflite"
    assert config.tray.empty_tray == tmp_path / "home" / "tray.jpg"


@pytest.mark.parametrize(
    ("source", "means"),
    [("film.mp4", "there/film.mp4"), (0, 0), ("1", "1"), ("/dev/video0", "/dev/video0"), ("rtsp://x/y", "rtsp://x/y")],
)
def test_a_camera_that_is_a_file_lies_in_the_configurations_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: object, means: object
) -> None:
    monkeypatch.chdir(tmp_path)
    path = write_config(tmp_path / "there" / "c.yaml", {"camera": {"opencv": {"source": source}}})
    found = load_config(path).camera.opencv.source
    assert found == (str(tmp_path / str(means)) if source == "film.mp4" else means)
    if source == "film.mp4":
        assert load_config(path, [f"camera.opencv.source={source}"]).camera.opencv.source == str(tmp_path / "film.mp4")


@pytest.mark.parametrize("home", ["~", "~nobody-of-that-name"])
def test_a_home_is_expanded_where_there_is_one(home: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/of-a-user")
    path = write_config(tmp_path / "c.yaml", {"event_log": {"file": f"{home}/events.sqlite"}})
    expected = Path("/home/of-a-user") if home == "~" else tmp_path / home
    assert load_config(path).event_log.file == expected / "events.sqlite"


def test_a_part_of_a_kind_that_there_is_not_is_reported_with_those_there_are(tmp_path: Path) -> None:
    path = write_config(tmp_path / "c.yaml", {"bins": {"paper": {"flap": {"kind": "stepper"}}}})
    with pytest.raises(ConfigError) as raised:
        load_config(path)
    line = 1 + next(n for n, text in enumerate(path.read_text().splitlines()) if "stepper" in text)
    assert str(raised.value) == (
        f"configuration {path}:{line}: bins.paper.flap.kind: got 'stepper'; expected one of {', '.join(FLAPS)}"
    )
    tree = config_tree()
    del tree["bins"]["paper"]["flap"]["kind"]
    path.write_text(yaml.safe_dump(tree))
    with pytest.raises(ConfigError, match=r"bins\.paper\.flap\.kind: missing; expected one of servo, "):
        load_config(path)
    with pytest.raises(ConfigError, match=r"^--set bins\.paper\.flap\.kind=3: bins\.paper\.flap\.kind: got '?3"):
        load_config(path, ["bins.paper.flap.kind=3"])


def test_every_key_that_holds_a_path_is_resolved() -> None:
    def paths(model: Any, prefix: tuple[str, ...] = ()) -> set[tuple[str, ...]]:
        found = set()
        for name, field in model.model_fields.items():
            if "Path" in str(field.annotation):
                found.add((*prefix, name))
                continue
            for kind in (field.annotation, *get_args(field.annotation)):
                if hasattr(kind, "model_fields"):
                    found |= paths(kind, (*prefix, name))
        return found

    assert paths(Config) == set(PATH_KEYS)


def test_an_override_wins_and_makes_sections_that_are_not_there(tmp_path: Path) -> None:
    path = tmp_path / "c.yaml"
    path.write_text(yaml.safe_dump({key: config_tree()[key] for key in ("decision", "bins")} | {"tray": None}))
    config = load_config(path, ["camera.fps=30", "camera.fps=20", "tray.settle_s=0.5", "decision.hazards=[glass]"])
    assert (config.camera.fps, config.tray.settle_s, config.decision.hazards) == (20, 0.5, ("glass",))


@pytest.mark.parametrize(
    ("override", "text"),
    [
        ("camera", "--set camera: expected section.key=value"),
        ("=3", "--set =3: expected section.key=value"),
        ("camera..fps=3", "expected section.key=value"),
        ("camera.fps=[", "--set camera.fps=.: the value is not valid YAML"),
        ("camera.fps=2026-13-45", "--set camera.fps=2026-13-45: the value is not valid YAML"),
        ("camera.fps=x", r"^--set camera.fps=x: camera\.fps: got 'x'"),
        ("camera.fps.x=1", r"--set camera\.fps\.x: camera\.fps is a value, not a section"),
        ("camera.fbs=1", r"^--set camera\.fbs=1: camera\.fbs: unknown key"),
        ("camra.fps=1", r"^--set camra\.fps=1: camra: unknown key; did you mean camera\?$"),
    ],
)
def test_an_override_that_does_not_fit_is_reported_as_it_was_typed(config_file: Path, override: str, text: str) -> None:
    if override == "camera.fps.x=1":
        config_file = write_config(config_file, {"camera": {"fps": 15}})
    with pytest.raises(ConfigError, match=text):
        load_config(config_file, [override])


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"", "expected sections .*got NoneType"),
        (b"# nothing but a comment\n", "expected sections .*got NoneType"),
        (b"- camera\n- tray\n", "expected sections .*got list"),
        (b"just text", "expected sections .*got str"),
        (b"\xff\xfec\x00a", "cannot be read: looks like UTF-16 and is damaged or cut"),
        ("# Geh\xe4use\n".encode("latin-1"), "cannot be read: line 1 is not UTF-8: byte 0xe4"),
        (b"camera: {kind: sim\n", "not valid YAML"),
        (b"camera:\n\tkind: sim\n", r":2: not valid YAML: indented with a tab, .*; expected spaces: replace it$"),
        (
            b"camera: {kind: sim}\ntray: {}\ncamera: {kind: sim}\n",
            ":3: not valid YAML: duplicate key 'camera'; expected it once",
        ),
        (b"camera:\n  fps: 3\n  fps: 4\n", ":3: not valid YAML: duplicate key 'fps'; expected it once"),
        (b"? [a, b]\n: c\n", "not valid YAML"),
        (b"a: 2026-13-45\n", "not valid YAML: month must be"),
        (b"a: !!int x\n", "not valid YAML"),
        (b"a: " + b"[" * 5000, "more than 50 brackets"),
        (b"!!python/object:os.system {}\n", "not valid YAML"),
        (b"a: \x01\n", "not valid YAML"),
        (b"1: 2\n", ": a key is read as 1; expected text: put it in quotes"),
    ],
)
def test_what_is_no_configuration_is_reported_in_one_line(tmp_path: Path, content: bytes, text: str) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(content)
    with pytest.raises(ConfigError, match=text) as caught:
        load_config(path)
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(content=st.binary(max_size=120) | st.text("{}[]:-?!&*#'\" \nab1", max_size=60).map(str.encode))
def test_any_bytes_are_refused_properly(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "c.yaml"
    path.write_bytes(content)
    with pytest.raises(SorterError):
        load_config(path)


NONSENSE = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-5, 200)
    | st.floats(-5, 50)
    | st.sampled_from(["sim", "servo", "x", "", "kind"]),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "pin", "servo", 3]), inner, max_size=3)
    ),
    max_leaves=5,
)
ANY_KEY = st.sampled_from(
    [*flatten(config_tree()), "drives", "panel", "simulation.faults", "bins.paper.level", "bins.paper.x"]
)


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(changes=st.dictionaries(ANY_KEY, NONSENSE, min_size=1, max_size=3), is_set=st.booleans())
def test_any_value_at_any_key_is_accepted_or_told_in_one_line_a_problem(
    tmp_path: Path, changes: dict[str, Any], is_set: bool
) -> None:
    tree, overrides = config_tree(), []
    for key, value in sorted(changes.items(), reverse=True):
        if is_set:
            overrides.append(f"{key}={yaml.safe_dump(value, default_flow_style=True).removesuffix('...' + chr(10))}")
        else:
            tree = replaced(tree, key, value)
    try:
        load_config(dump(tmp_path / "c.yaml", tree), overrides)
        return
    except ConfigError as error:
        problems = error.problems
    assert problems
    for problem in problems:
        assert re.match(r"configuration \S+c\.yaml(:\d+)?: |--set ", problem)
        assert "\n" not in problem


def test_a_missing_configuration_and_a_folder_are_missing_inputs(tmp_path: Path) -> None:
    for path in (tmp_path / "none.yaml", tmp_path):
        with pytest.raises(InputMissingError, match=f"configuration {path}: (no such file|is a folder)"):
            load_config(path)


def test_flaps_may_share_their_options_with_a_merge_key(tmp_path: Path) -> None:
    tree = config_tree()
    tree["bins"] = {name: tree["bins"][name] for name in ("residual",)}
    tree["decision"]["labels"] = {"glass": "glass"}
    text = yaml.safe_dump(tree, sort_keys=False).replace(
        "bins:\n",
        "bins:\n"
        "  glass: {flap: &servo {kind: servo, pin: 13, home_deg: -45, open_deg: 45}}\n"
        "  paper: {flap: {<<: *servo, pin: 14}}\n",
    )
    path = tmp_path / "c.yaml"
    path.write_text(text)
    flaps = {name: bin_config.flap for name, bin_config in load_config(path).bins.items()}
    assert flaps["paper"] == flaps["glass"].model_copy(update={"pin": 14})


def test_the_configuration_cannot_be_changed() -> None:
    config = load_config(ROOT / "config.yaml")
    with pytest.raises(ValueError, match="frozen"):
        config.camera.fps = 3.0  # type: ignore[misc]


@pytest.mark.parametrize(("key", "value"), [("hold_s", 2.5), ("hold_s", 0.2), ("gap_s", 0.5)])
def test_photographs_that_do_not_keep_step_with_the_flaps_are_refused(key: str, value: float, tmp_path: Path) -> None:
    overrides = ["camera.kind=folder", f"camera.folder.path={tmp_path}", f"camera.folder.{key}={value}"]
    with pytest.raises(ConfigError, match=rf"camera\.folder\.{key} {value:g}: expected"):
        load_config(ROOT / "config.yaml", overrides)
    assert load_config(ROOT / "config.yaml", overrides[:2]).camera.kind == "folder"


BOARD = {"kind": "pca9685", "home_deg": -45, "open_deg": 45}
KERNEL = {"kind": "hardware_servo", "home_deg": -45, "open_deg": 45}
LASER = {"kind": "vl53l0x", "empty_m": 0.6, "full_m": 0.1}
SONAR = {"kind": "ultrasonic", "empty_m": 0.6, "full_m": 0.1}


@pytest.mark.parametrize(
    ("keys", "text"),
    [
        (
            {"bins.paper.flap": BOARD | {"channel": 3}, "bins.glass.flap": BOARD | {"channel": 3}},
            r"bins\.glass\.flap\.channel: PCA9685 at I2C bus 1 address 0x40 channel 3 is taken by bins\.paper\.flap\.channel",
        ),
        (
            {"bins.paper.flap": KERNEL | {"channel": 1}, "bins.glass.flap": KERNEL | {"channel": 1}},
            r"bins\.glass\.flap\.channel: PWM channel 1 is taken by bins\.paper\.flap\.channel",
        ),
        (
            {"bins.paper.level": LASER, "bins.glass.level": LASER},
            r"bins\.glass\.level\.address: I2C bus 1 address 0x29 is taken by bins\.paper\.level\.address already; .*"
            r"a bus of its own \(bus: 3; .*dtoverlay=i2c-gpio,bus=3.* an xshut_pin and an address of its own",
        ),
        (
            {"bins.paper.level": LASER, "bins.glass.level": LASER | {"xshut_pin": 20, "address": 0x30}},
            r"bins\.glass\.level\.address: I2C bus 1 address 0x29 is taken by bins\.paper\.level\.address already; .*xshut_pin",
        ),
        (
            {"bins.paper.level": LASER | {"xshut_pin": 20, "address": 0x30}, "bins.glass.level": LASER},
            r"bins\.glass\.level\.address: I2C bus 1 address 0x29 is taken by bins\.paper\.level\.address already.*xshut_pin",
        ),
        (
            {
                "bins.paper.level": LASER | {"xshut_pin": 20, "address": 0x30},
                "bins.glass.level": LASER | {"xshut_pin": 21, "address": 0x30},
            },
            r"bins\.glass\.level\.address: I2C bus 1 address 0x30 is taken by bins\.paper\.level\.address",
        ),
        (
            {"bins.paper.level": LASER | {"xshut_pin": 12, "address": 0x30}},
            r"bins\.paper\.level\.xshut_pin: GPIO 12 is taken by bins\.paper\.flap\.pin",
        ),
        (
            {"bins.paper.level": LASER | {"address": 0x30}},
            r"bins\.paper\.level: address: got 0x30; .* only with an xshut_pin",
        ),
        (
            {"bins.paper.level": LASER | {"xshut_pin": 20}},
            r"bins\.paper\.level: address: got 0x29, where every VL53L0X wakes up; with an xshut_pin expected another",
        ),
        (
            {"bins.paper.level": LASER | {"xshut_pin": 20, "address": 0x40}, "bins.glass.flap": BOARD | {"channel": 0}},
            r"bins\.glass\.flap\.address: I2C bus 1 address 0x40 is taken by bins\.paper\.level\.address",
        ),
        (
            {"bins.paper.level": LASER, "panel.lid": {"pin": 2}},
            r"panel\.lid\.pin: GPIO 2 is taken by bins\.paper\.level\.bus already, for I2C bus 1",
        ),
        (
            {"bins.paper.level": SONAR | {"trigger_pin": 20, "echo_pin": 20}},
            r"bins\.paper\.level\.echo_pin: GPIO 20 is taken by bins\.paper\.level\.trigger_pin",
        ),
        (
            {"bins.paper.level": {"kind": "sim", "empty_m": 0.6, "full_m": 0.1}},
            r"bins\.paper\.level\.kind: expected ultrasonic or vl53l0x with camera\.kind opencv, got sim",
        ),
        ({"bins.paper.level": LASER | {"empty_m": 3}}, r"bins\.paper\.level\.empty_m: got 3"),
        ({"bins.paper.flap": BOARD | {"channel": 16}}, r"bins\.paper\.flap\.channel: got 16"),
    ],
)
def test_what_there_is_only_once_is_given_only_once(tmp_path: Path, keys: dict[str, Any], text: str) -> None:
    tree = with_key(config_tree(), "camera.kind", "opencv")
    for key, value in keys.items():
        tree = with_key(tree, key, value)
    with pytest.raises(ConfigError, match=text):
        load_config(dump(tmp_path / "c.yaml", tree))


def test_no_flap_moves_beside_a_lid_or_stop_button_on_simulated_pins(tmp_path: Path) -> None:
    tree = with_key(with_key(config_tree(), "camera.kind", "opencv"), "panel.stop_button", {"pin": 17})
    load_config(dump(tmp_path / "c.yaml", tree))
    tree = with_key(tree, "bins.paper.flap", BOARD | {"channel": 0})
    with pytest.raises(
        ConfigError, match=r"pin_factory: got mock, so that panel\.stop_button .*paper \(pca9685\) moves"
    ):
        load_config(dump(tmp_path / "c.yaml", tree))
    load_config(dump(tmp_path / "c.yaml", with_key(tree, "flaps.pin_factory", "lgpio")))


def test_several_vl53l0x_share_a_bus_or_have_one_each(tmp_path: Path) -> None:
    own_bus = {"bins.paper.level": LASER, "bins.glass.level": LASER | {"bus": 3}}
    one_bus = {
        "bins.paper.level": LASER | {"xshut_pin": 20, "address": 0x30},
        "bins.glass.level": LASER | {"xshut_pin": 21, "address": 0x31},
    }
    for keys in (own_bus, one_bus):
        tree = with_key(config_tree(), "camera.kind", "opencv")
        for key, value in keys.items():
            tree = with_key(tree, key, value)
        load_config(dump(tmp_path / "c.yaml", tree))


def test_what_shares_a_bus_does_not_disturb_each_other(tmp_path: Path) -> None:
    tree = with_key(with_key(config_tree(), "camera.kind", "opencv"), "flaps.pin_factory", "lgpio")
    for key, value in {
        "bins.paper.flap": BOARD | {"channel": 0},
        "bins.glass.flap": BOARD | {"channel": 1},
        "bins.packaging.flap": BOARD | {"channel": 0, "address": 0x41},
        "bins.residual.flap": KERNEL | {"channel": 0},
        "bins.paper.level": LASER,
        "bins.glass.level": LASER | {"bus": 3},
        "panel.lid": {"pin": 0},
    }.items():
        tree = with_key(tree, key, value)
    config = load_config(dump(tmp_path / "c.yaml", tree))
    assert [key for key, _ in config.wired_parts()] == [
        "bins.paper.flap",
        "bins.paper.level",
        "bins.glass.flap",
        "bins.glass.level",
        "bins.packaging.flap",
        "bins.residual.flap",
        "panel.lid",
    ]


SERVO = {"kind": "servo", "pin": 12, "home_deg": -45, "open_deg": 45}
STREAM = {"kind": "opencv", "opencv": {"source": "rtsp://camera/stream"}}


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"camera": {"fps": 2}}, r"camera\.fps 2: too few to see a hand in time; expected at least 2\.9, or a lid"),
        ({"camera": {"max_frame_age_s": 1.1}}, r"camera\.max_frame_age_s 1\.1: a hand would be seen too late"),
        ({"camera": STREAM}, r"camera\.opencv\.latency_s: a network stream does not tell when"),
        (
            {"bins": {"residual": {"flap": {"force_n": 40}}}},
            r"bins\.residual\.flap\.force_n 40: a relay cannot close slowly",
        ),
    ],
)
def test_where_no_lid_keeps_people_out_the_camera_must_show_a_hand_in_time(
    tmp_path: Path, changes: dict[str, Any], text: str
) -> None:
    with pytest.raises(ConfigError, match=text):
        load_config(write_config(tmp_path / "c.yaml", changes))
    load_config(write_config(tmp_path / "c.yaml", changes | {"panel": {"lid": {"pin": 22}}}))


def test_a_strong_servo_needs_no_lid_for_it_can_close_slowly(tmp_path: Path) -> None:
    load_config(write_config(tmp_path / "c.yaml", {"bins": {"paper": {"flap": {"force_n": 40}}}}))


@pytest.mark.parametrize(("latency_s", "refused"), [(0.0, False), (0.4, False), (0.5, True), (0.8, True)])
def test_a_streams_delay_must_leave_pictures_that_may_be_acted_on(
    tmp_path: Path, latency_s: float, refused: bool
) -> None:
    camera = {**STREAM, "opencv": {**STREAM["opencv"], "latency_s": latency_s}}  # type: ignore[dict-item]
    file = write_config(tmp_path / "c.yaml", {"camera": camera})
    if refused:
        with pytest.raises(ConfigError, match=r"camera\.opencv\.latency_s 0\..: every picture would be too old"):
            load_config(file)
    else:
        load_config(file)


def test_no_drive_may_be_opened_for_longer_than_it_may_be_under_current(tmp_path: Path) -> None:
    bins = {"paper": {"dwell_s": 9.7, "flap": {"travel_s": 0.4, "max_on_s": 10}}}
    with pytest.raises(
        ConfigError, match=r"dwell_s 9\.7: with travel_s 0\.4 the drive is under current for 10\.1 s; expected at"
    ):
        load_config(write_config(tmp_path / "c.yaml", {"bins": bins}))
    with pytest.raises(ConfigError, match=r"bins\.paper\.dwell_s: got 3600"):
        load_config(write_config(tmp_path / "c.yaml", {"bins": {"paper": {"dwell_s": 3600}}}))


@pytest.mark.parametrize(
    ("overrides", "expected"),
    [
        ([], False),
        (["simulation.hole=0.5"], True),
        (["camera.kind=opencv"], False),
        (["camera.kind=opencv", "flaps.pin_factory=lgpio"], True),
        (["camera.kind=opencv", "flaps.pin_factory=lgpio", "flaps.in_view=false"], False),
        (["flaps.in_view=true"], True),
    ],
)
def test_real_flaps_are_in_view_unless_the_file_says_otherwise(overrides: list[str], expected: bool) -> None:
    assert load_config(ROOT / "config.yaml", overrides).sees_flaps is expected
