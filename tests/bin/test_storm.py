"""Whatever goes wrong, and in whatever order: no rule is broken, and every item is handled once or reported."""

import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, Phase, given, note, settings
from hypothesis import strategies as st

from edge.simulation.faults import KINDS
from edge.simulation.random_faults import random_fault_scenario
from edge.simulation.result import ScenarioResult
from edge.simulation.scenario import Scenario
from edge.simulation.scenario_config import scenario_config
from edge.simulation.scenario_file import load_scenario
from edge.simulation.scenario_runner import run_scenario
from tests.builders.configuration import BINS
from tests.builders.values import LABELS
from tests.paths import ROOT

SMALL = ("camera.width=320", "camera.height=240")
FITTED = (
    "panel={lid: {pin: 22}, stop_button: {pin: 17}, service_button: {pin: 27}, light: {kind: leds, fault: 19}}",
    *(f"bins.{name}.flap.end_switch={{pin: {pin}}}" for pin, name in enumerate(sorted(set(BINS.values())), start=7)),
    *(f"bins.{name}.level={{kind: sim, empty_m: 0.6, full_m: 0.1}}" for name in sorted(set(BINS.values()))),
)
"""All that may be fitted."""

Tree = dict[str, Any]
Trees = st.SearchStrategy[Tree]


def played(scenario: Scenario, *overrides: str) -> ScenarioResult:
    with tempfile.TemporaryDirectory() as folder:
        config = scenario_config(
            scenario, ROOT / "config.yaml", Path(folder), realtime=False, overrides=overrides or SMALL
        )
        return run_scenario(scenario, config)


# --- schedules that hypothesis makes up, and shortens until only what does the harm is left ---------------------------

ITEMS = 3


def tenths(least: int, most: int) -> st.SearchStrategy[float]:
    """Seconds that read well in a report."""
    return st.integers(least, most).map(lambda tenth: tenth / 10)


def merged(*parts: Trees) -> Trees:
    return st.tuples(*parts).map(lambda trees: {key: value for tree in trees for key, value in tree.items()})


def options(**values: st.SearchStrategy[Any]) -> Trees:
    return st.fixed_dictionaries(values)


ITEM_NUMBER = st.integers(1, ITEMS)
MOMENT = st.one_of(
    options(item=ITEM_NUMBER, when=st.sampled_from(["arrives", "rests", "opens", "closes"]), after_s=tenths(0, 20)),
    # Before, the bin learns its empty tray.
    options(at_s=tenths(30, 300)),
)
NOTHING = options()
SIDE = st.sampled_from(["left", "right", "top", "bottom"])
BIN = st.sampled_from([None, *sorted(set(BINS.values()))])


def passing(most_s: int, own: Trees = NOTHING) -> Trees:
    return merged(MOMENT, options(for_s=tenths(2, 10 * most_s)), own)


def of_an_item(own: Trees) -> Trees:
    return merged(options(item=ITEM_NUMBER), own)


FAULTS: Mapping[str, Trees] = {
    "block": passing(8),
    "error": passing(4),
    "unplug": passing(8),
    "black": passing(8),
    "frozen": passing(8),
    "stuck": passing(8),
    "lag": passing(8, options(lag_s=tenths(1, 15), wander_s=tenths(0, 3))),
    "low_rate": passing(20, options(fps=st.sampled_from([2.0, 5.0, 10.0]))),
    "torn": passing(4),
    "wrong_size": passing(4),
    "exposure": passing(10, options(factor=st.sampled_from([0.6, 0.75, 1.3, 1.6]))),
    "flicker": passing(10),
    "darken": passing(30, options(to=st.just(0.4), over_s=st.just(20.0))),
    "spot": passing(20, options(radius=st.just(0.08))),
    "hand": passing(6, options(side=SIDE, reach=tenths(4, 9))),
    "body": passing(
        6,
        options(side=SIDE, depth=st.sampled_from([0.14, 0.3, 0.6, 1.0]), cloth=st.sampled_from(["dark", "checked"])),
    ),
    "second_item": MOMENT,
    "edge_item": of_an_item(options(side=SIDE)),
    "taken_away": of_an_item(options(rest_s=tenths(0, 6))),
    "restless": of_an_item(options(still_after_s=tenths(5, 60))),
    "stays": of_an_item(options(cycles=st.integers(1, 4))),
    # What changes less cannot be seen.
    "transparent": of_an_item(options(opacity=tenths(7, 9))),
    "shifted": passing(30, options(dx=st.integers(-8, 8), dy=st.integers(-6, 6))),
    "dirty": passing(30, options(size=st.sampled_from([0.08, 0.2]))),
    "pin_error": passing(8, options(bin=BIN)),
    "slow": passing(20, options(bin=BIN, factor=st.sampled_from([1.3, 2.0, 4.0]))),
    "stuck_open": passing(10, options(bin=BIN)),
    "stuck_closed": passing(10, options(bin=BIN)),
    "bin_full": passing(20, options(bin=BIN)),
    "power_dip": passing(4),
    # One that is open for 10 s is told when its item may just have been taken back.
    "lid": passing(8),
    "stop_button": passing(15),
    "service_button": MOMENT.map(lambda tree: tree | {"for_s": 0.3}),
    "disk_full": passing(10),
    "read_only": passing(10),
    "slow_commit": passing(20, options(commit_s=tenths(2, 40))),
    "clock_step": merged(MOMENT, options(by_s=st.sampled_from([-200_000.0, -1.0, 3.0, 86_400.0]))),
    "sigterm": merged(MOMENT, options(for_s=st.just(20.0), state=st.sampled_from([None, "home", "open", "closing"]))),
}


def different(faults: list[Tree | None]) -> list[Tree]:
    """Those there are, one of a kind: three lamps that fail at once say nothing that one doesn't.

    The list is always as long, since lists of any length are mostly short; shortening puts None in.
    """
    return list({fault["kind"]: fault for fault in faults if fault is not None}.values())


def is_noticeable(faults: list[Tree]) -> bool:
    """What slips off the tray's edge into a flap that hangs open looks as if somebody had taken it back. Whether an item
    has fallen cannot be seen under flickering lamps, and its user may take it back before that is an unrest worth telling. On a
    tray that was pushed, an item that did not fall is another one."""
    kinds = {fault["kind"] for fault in faults}
    stays = kinds & {"stays", "stuck_closed", "bin_full"}
    return not {"edge_item", "stuck_open"} <= kinds and not (kinds & {"flicker", "shifted"} and stays)


FAULT = st.one_of([merged(st.just({"kind": kind}), rest) for kind, rest in FAULTS.items()])
ITEM = options(
    label=st.sampled_from(LABELS),
    gap_s=tenths(25, 60),
    size=tenths(4, 7),
    settle_s=tenths(2, 8),
    bounces=st.integers(0, 2),
)
SCHEDULE = st.fixed_dictionaries(
    {
        "name": st.just("schedule"),
        "shows": st.just("What hypothesis made up."),
        "seed": st.integers(0, 99),
        "items": st.lists(ITEM, min_size=ITEMS, max_size=ITEMS),
        "faults": st.lists(st.none() | FAULT, min_size=4, max_size=4).map(different).filter(is_noticeable),
    }
)
SCHEDULES = settings(
    derandomize=True,
    phases=[Phase.generate, Phase.shrink],
    report_multiple_bugs=False,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


def assert_schedule(tree: Tree) -> None:
    note("as a file:\n" + yaml.safe_dump(tree | {"config": {"camera": {"width": 320, "height": 240}}}, sort_keys=False))
    result = played(Scenario.model_validate(tree), *SMALL, *FITTED)
    assert result.violations == ()
    assert result.lost == ()


def test_every_kind_of_fault_is_among_them() -> None:
    assert FAULTS.keys() == KINDS


def test_a_jam_in_a_new_light() -> None:
    result = played(
        Scenario.model_validate(
            {
                "name": "exposure-stays",
                "shows": "The light jumps while an item is in hand that does not fall.",
                "items": [{"label": "trash", "gap_s": 3.0, "size": 0.4}],
                "faults": [
                    {"kind": "stays", "item": 1, "cycles": 3},
                    {"kind": "exposure", "item": 1, "when": "opens", "after_s": 0.8, "for_s": 6.0, "factor": 0.6},
                ],
            }
        )
    )
    assert result.violations == ()


@settings(SCHEDULES, max_examples=8)
@given(SCHEDULE)
def test_any_schedule(tree: Tree) -> None:
    assert_schedule(tree)


@pytest.mark.slow
@settings(SCHEDULES, max_examples=500)
@given(SCHEDULE)
def test_very_many_schedules(tree: Tree) -> None:
    assert_schedule(tree)


# --- storms -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("seed", "fitted"),
    [
        pytest.param(1, (), marks=pytest.mark.slow),
        pytest.param(2, (), marks=pytest.mark.slow),
        pytest.param(3, (), marks=pytest.mark.slow),
        pytest.param(4, (*SMALL, *FITTED), marks=pytest.mark.slow),
    ],
)
def test_a_storm(seed: int, fitted: tuple[str, ...]) -> None:
    result = played(random_fault_scenario(seed, items=40, faults=20, gap_s=15.0), *fitted)
    assert result.violations == ()
    assert result.lost == ()
    assert result.score.items >= 40


@pytest.mark.slow
def test_a_day_of_a_thousand_items_on_which_nothing_goes_wrong() -> None:
    result = played(load_scenario(ROOT / "tests" / "scenarios" / "day.yaml"), "camera.fps=15")
    score = result.score
    assert result.violations == ()
    assert score.items == score.handled_once == 1000
    assert score.right + score.residual >= 970
    assert score.rest_to_command_s["p95"] <= 0.6


@pytest.mark.slow
def test_a_day_of_a_thousand_items_on_which_two_hundred_things_go_wrong() -> None:
    result = played(random_fault_scenario(1), "camera.fps=15")
    assert result.score.items >= 1000
    assert result.violations == ()
    assert result.lost == ()
