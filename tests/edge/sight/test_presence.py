"""Presence detection: an item is reported when it is at rest, and the background model adapts to the light."""

import logging
from collections.abc import Callable

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.sight.background import BackgroundModel
from edge.sight.edge_crossing import COVER_STILL_S
from edge.sight.presence import Presence, PresenceState
from edge.sight.snapshot import TraySnapshot
from edge.sight.tray_patches import GONE_S, LOOK_AGAIN_S
from edge.sight.work_image import to_work_image
from edge.values import Item
from tests.builders.pictures import Pixels, item_picture, tray_picture
from tests.builders.values import make_frame

STEP_S = 0.1
SETTLE_S = 0.25

COVERED_S = COVER_STILL_S + 1.0
"""Longer than a sheet that covers the tray must lie still, in seconds."""
BOX = (0.35, 0.3, 0.65, 0.7)


class PresenceRig:
    """Shows pictures to a gate, one every ``step_s`` seconds, each with fresh noise."""

    def __init__(self, presence: Presence, step_s: float = STEP_S) -> None:
        self.presence = presence
        self.step_s = step_s
        self.time_s = 50.0
        self.sequence = 0

    def show(self, picture: Callable[[int], Pixels], seconds: float) -> list[Item | None]:
        seen = []
        for _ in range(max(1, round(seconds / self.step_s))):
            self.time_s += self.step_s
            self.sequence += 1
            seen.append(self.presence.observe(make_frame(picture(self.sequence), self.time_s, self.sequence)))
        return seen


def empty(seed: int) -> Pixels:
    return tray_picture(seed=seed)


def item(seed: int) -> Pixels:
    return item_picture(BOX, seed=seed)


def other_item(seed: int) -> Pixels:
    return item_picture((0.3, 0.35, 0.6, 0.75), (40, 60, 190), seed=seed)


@pytest.fixture
def watch() -> PresenceRig:
    """A gate that has learnt its tray."""
    watch = PresenceRig(Presence(settle_s=SETTLE_S, learn_s=0.5))
    watch.show(empty, 1.0)
    assert watch.presence.is_empty
    return watch


def test_the_empty_tray_is_learnt_only_while_nothing_moves() -> None:
    watch = PresenceRig(Presence(learn_s=0.5))
    for number in range(12):
        watch.show(empty if number % 2 else item, STEP_S)
        assert watch.presence.state is PresenceState.LEARNING
    watch.show(empty, 0.4)
    assert watch.presence.state is PresenceState.LEARNING
    watch.show(empty, 0.3)
    assert watch.presence.is_empty
    assert not any(watch.show(empty, 1.0))


def test_a_known_tray_needs_no_learning() -> None:
    watch = PresenceRig(
        Presence(settle_s=SETTLE_S, background=BackgroundModel.from_pictures([to_work_image(empty(0))]))
    )
    assert watch.show(item, 1.0)[-1] is not None


def test_an_item_counts_once_it_has_lain_still(watch: PresenceRig) -> None:
    seen = watch.show(item, 1.0)
    arrived_s = watch.time_s - 9 * STEP_S
    first = next(found for found in seen if found is not None)
    assert first.frame.time_s - arrived_s >= SETTLE_S - 1e-9
    assert first.frame.time_s - arrived_s <= SETTLE_S + 2 * STEP_S
    assert arrived_s - 1e-9 <= first.rest_since_s <= first.frame.time_s - SETTLE_S + 1e-9
    assert watch.presence.state is PresenceState.AT_REST
    assert all(found is not None for found in seen[seen.index(first) :])


def test_the_box_is_where_the_item_lies(watch: PresenceRig) -> None:
    found = watch.show(item, 1.0)[-1]
    assert found is not None
    assert found.box_xyxy == pytest.approx((0.35 * 320, 0.3 * 240, 0.65 * 320, 0.7 * 240), abs=6)


def test_an_item_that_moves_never_counts(watch: PresenceRig) -> None:
    for number in range(15):
        shift = 0.03 * (number % 8)
        assert watch.show(
            lambda seed, shift=shift: item_picture((0.1 + shift, 0.3, 0.4 + shift, 0.7), seed=seed), STEP_S
        ) == [None]
        assert watch.presence.state is PresenceState.MOVING


def test_an_item_that_creeps_is_not_at_rest(watch: PresenceRig) -> None:
    """As light as the tray and slow, it never counts as motion from one frame to the next; but it adds up."""

    def creeping(number: int) -> Callable[[int], Pixels]:
        left = 0.1 + 0.012 * number
        return lambda seed: item_picture((left, 0.3, left + 0.3, 0.7), (190, 140, 90), seed=seed)

    seen = [watch.show(creeping(number), STEP_S)[0] for number in range(20)]
    assert seen == [None] * 20
    assert watch.show(creeping(19), 1.0)[-1] is not None


def test_a_hand_beside_a_resting_item_starts_the_wait_again(watch: PresenceRig) -> None:
    assert watch.show(item, 0.8)[-1] is not None

    def with_hand(seed: int) -> Pixels:
        pixels = item(seed)
        pixels[:60, :90] = 220
        return pixels

    assert watch.show(with_hand, STEP_S) == [None]
    assert watch.show(item, STEP_S) == [None]
    assert watch.show(item, 0.6)[-1] is not None


def test_items_are_counted_when_the_tray_was_empty_between(watch: PresenceRig) -> None:
    numbers = []
    for picture in (item, other_item, item):
        found = watch.show(picture, 1.0)[-1]
        assert found is not None
        numbers.append(found.number)
        watch.show(empty, 0.5)
        assert watch.presence.is_empty
    assert numbers == [1, 2, 3]


def test_an_item_keeps_its_number_while_it_is_pushed_about(watch: PresenceRig) -> None:
    first = watch.show(item, 1.0)[-1]
    moved = watch.show(lambda seed: item_picture((0.1, 0.1, 0.4, 0.5), seed=seed), 1.0)[-1]
    assert first is not None
    assert moved is not None
    assert moved.number == first.number
    assert moved.rest_since_s > first.rest_since_s
    watch.presence.start_new_item()
    renumbered = watch.show(item, 1.0)[-1]
    assert renumbered is not None
    assert renumbered.number == first.number + 1


def test_unchanged_tells_an_item_that_stayed_from_another(watch: PresenceRig) -> None:
    watch.show(item, 1.0)
    before = watch.presence.snapshot()
    assert before is not None
    watch.show(item, 0.5)
    assert watch.presence.is_unchanged_since(before)
    watch.show(other_item, 0.5)
    assert not watch.presence.is_unchanged_since(before)
    watch.show(empty, 0.5)
    assert not watch.presence.is_unchanged_since(before)


def test_nothing_is_unchanged_before_anything_was_seen() -> None:
    presence = Presence()
    assert presence.snapshot() is None
    nothing = TraySnapshot(to_work_image(empty(0)), np.zeros((120, 160), bool), None, 60.0)
    assert not presence.is_unchanged_since(nothing)
    assert not presence.resembles(nothing)


def test_an_item_that_covers_the_whole_tray_counts(watch: PresenceRig) -> None:
    found = watch.show(lambda seed: tray_picture(grey=40, seed=seed) + np.array([90, 0, 0], np.uint8), COVERED_S)[-1]
    assert found is not None
    assert found.box_xyxy == (0, 0, 320, 240)


def test_slow_light_is_followed_and_an_item_is_not_learnt() -> None:
    presence = Presence(settle_s=SETTLE_S, learn_s=0.5, adapt_s=5.0)
    watch = PresenceRig(presence, step_s=0.5)
    watch.show(empty, 2.0)
    for grey in range(150, 226):
        assert watch.show(lambda seed, grey=grey: tray_picture(grey=grey, seed=seed), 1.0)[-1] is None
        assert presence.is_empty
    lying = lambda seed: item_picture(BOX, grey=225, seed=seed)  # noqa: E731
    assert all(watch.show(lying, 60.0)[2:]), "an item that nobody takes away stays an item"


def test_only_the_region_of_the_tray_is_looked_at() -> None:
    watch = PresenceRig(Presence(region=(0.5, 0.25, 1.0, 0.75), settle_s=SETTLE_S, learn_s=0.5))
    watch.show(empty, 1.0)
    outside = watch.show(lambda seed: item_picture((0.05, 0.3, 0.35, 0.7), seed=seed), 1.0)
    assert outside == [None] * 10
    assert watch.presence.is_empty
    found = watch.show(lambda seed: item_picture((0.65, 0.4, 0.85, 0.6), seed=seed), 1.0)[-1]
    assert found is not None
    assert found.box_xyxy == pytest.approx((208, 96, 272, 144), abs=6)
    assert watch.presence.tray(found.frame).pixels.shape == (120, 160, 3)


@settings(max_examples=60)
@given(
    st.integers(1, 90), st.integers(1, 90), st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0.05, 1), st.floats(0.05, 1)
)
def test_any_region_of_any_frame_shows_at_least_a_pixel(
    width: int, height: int, left: float, top: float, across: float, down: float
) -> None:
    region = (left, top, min(1.0, left + across), min(1.0, top + down))
    shown = Presence(region=region).tray(make_frame(np.zeros((height, width, 3), np.uint8))).pixels
    assert shown.size > 0
    assert shown.shape[1] == pytest.approx((region[2] - region[0]) * width, abs=1.5)
    assert shown.shape[0] == pytest.approx((region[3] - region[1]) * height, abs=1.5)


def test_what_covers_the_tray_is_an_item_even_where_no_outline_is_found(
    watch: PresenceRig, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A large item shifts the light that the whole picture shares, and its outline may be lost; the tray is not empty."""
    monkeypatch.setattr("edge.sight.tray_surface.mask_from_distance", lambda distance: None)
    half = lambda seed: item_picture((0.0, 0.0, 0.45, 1.0), seed=seed)  # noqa: E731
    assert watch.show(half, COVERED_S)[-1] is not None
    assert not watch.presence.is_empty


def reaching_in(seed: int) -> Pixels:
    """An arm from the right."""
    return item_picture((0.5, 0.4, 1.0, 0.6), (205, 160, 140), seed=seed)


def test_what_reaches_over_the_edge_is_no_item(watch: PresenceRig) -> None:
    assert watch.show(reaching_in, 3.0) == [None] * 30
    assert watch.presence.is_edge_crossed
    assert not watch.presence.is_empty
    assert watch.show(item, 1.0)[-1] is not None
    assert not watch.presence.is_edge_crossed


@pytest.mark.parametrize("number", range(4))
def test_an_arm_from_any_side_reaches_in(watch: PresenceRig, number: int) -> None:
    turned = lambda seed: np.ascontiguousarray(np.rot90(item_picture((0.4, 0.5, 0.5, 1.0), seed=seed), number))  # noqa: E731
    if number % 2:
        square = PresenceRig(Presence(settle_s=SETTLE_S, learn_s=0.5))
        square.show(lambda seed: np.ascontiguousarray(np.rot90(empty(seed), number)), 1.0)
        watch = square
    assert watch.show(turned, 1.0)[-1] is None
    assert watch.presence.is_edge_crossed


def body(depth: float, sway_px: float, colour: tuple[int, int, int]) -> Callable[[int], Pixels]:
    """A coat as wide as the tray that leans over its lower side, ``depth`` of its height deep, and sways from frame to frame."""

    def leaning(seed: int) -> Pixels:
        pixels = tray_picture(seed=seed).astype(np.float64)
        reach_px = depth * 240 + sway_px * np.sin(seed * 0.9)
        # Anti-aliased, as a lens does: the row on its edge is covered in part.
        cover = np.clip(np.arange(240) - (240 - reach_px) + 1, 0, 1)[:, None, None]
        return (pixels * (1 - cover) + np.array(colour) * cover).astype(np.uint8)

    return leaning


@pytest.mark.parametrize("depth", [0.14, 0.4, 0.8])
@pytest.mark.parametrize("colour", [(40, 45, 70), (200, 60, 50), (110, 112, 118)])
def test_a_body_that_leans_over_a_whole_side_is_never_an_item(
    watch: PresenceRig, depth: float, colour: tuple[int, int, int]
) -> None:
    """It crosses three edges, as a sheet that covers the tray does, and sways by 0.4 % of the tray."""
    assert watch.show(body(depth, 0.004 * 240, colour), 10.0) == [None] * 100
    assert watch.presence.is_edge_crossed


def test_an_item_just_inside_the_edge_counts(watch: PresenceRig) -> None:
    assert watch.show(lambda seed: item_picture((0.5, 0.4, 0.97, 0.6), seed=seed), 1.0)[-1] is not None


def test_an_arm_that_joins_what_reaches_in_already_goes_on_reaching_in(watch: PresenceRig) -> None:
    """Together they lie over three edges, as a sheet that covers the tray would."""

    def lying(seed: int) -> Pixels:
        return item_picture((0.0, 0.5, 0.6, 1.0), seed=seed)

    def joined(seed: int) -> Pixels:
        pixels = lying(seed)
        pixels[100:160, 150:] = (205, 160, 140)
        return pixels

    for picture in (lying, joined, lying):
        watch.show(picture, 1.0)
        assert watch.presence.is_edge_crossed


def test_two_objects_are_counted_as_two(watch: PresenceRig) -> None:
    one = watch.show(item, 1.0)[-1]
    assert one is not None
    assert one.object_count == 1

    def two(seed: int) -> Pixels:
        pixels = item_picture((0.1, 0.3, 0.4, 0.7), seed=seed)
        pixels[80:160, 200:290] = (40, 60, 190)
        return pixels

    both = watch.show(two, 1.0)[-1]
    assert both is not None
    assert both.object_count == 2


def test_flicker_that_the_whole_picture_shares_is_no_motion(watch: PresenceRig) -> None:
    """A tenth up and down, as under a mains lamp: dark and light parts change in proportion."""
    seen = watch.show(lambda seed: _lit(item(seed), 1.0 + 0.1 * (-1) ** seed), 1.5)
    assert all(seen[5:])


def test_what_is_suppressed_is_tray_until_it_is_gone(watch: PresenceRig) -> None:
    stained = lambda seed: item_picture((0.4, 0.4, 0.5, 0.5), (90, 80, 70), seed=seed)  # noqa: E731
    assert watch.show(stained, 1.0)[-1] is not None
    watch.presence.suppress()
    assert watch.show(stained, 1.0) == [None] * 10
    assert watch.presence.is_empty
    with_item = lambda seed: np.where(item(seed) == (190, 40, 40), item(seed), stained(seed))  # noqa: E731
    assert watch.show(with_item, 1.0)[-1] is not None
    assert not any(watch.show(empty, GONE_S + 2.0)[5:]), "wiped off, its absence is no item"
    assert watch.show(stained, 1.0)[-1] is not None, "and it is forgotten"


def test_what_lies_beside_something_suppressed_is_another_item(watch: PresenceRig) -> None:
    stained = lambda seed: item_picture((0.4, 0.4, 0.5, 0.5), (90, 80, 70), seed=seed)  # noqa: E731
    stain = watch.show(stained, 1.0)[-1]
    assert stain is not None
    watch.presence.suppress()
    with_item = lambda seed: np.where(item(seed) == (190, 40, 40), item(seed), stained(seed))  # noqa: E731
    other = watch.show(with_item, 1.0)[-1]
    assert other is not None
    assert other.number == stain.number + 1, "each number has one event"


def test_what_is_suppressed_is_looked_at_again_after_an_hour_and_then_after_two(watch: PresenceRig) -> None:
    stained = lambda seed: item_picture((0.4, 0.4, 0.5, 0.5), (90, 80, 70), seed=seed)  # noqa: E731
    watch.show(stained, 1.0)
    watch.presence.suppress()
    for wait_s in (LOOK_AGAIN_S, 2 * LOOK_AGAIN_S):
        assert not any(watch.show(stained, 1.0))
        watch.time_s += wait_s - 5.0
        assert not any(watch.show(stained, 2.0))
        watch.time_s += 5.0
        assert watch.show(stained, 2.0)[-1] is not None
        watch.presence.suppress()


def test_whatever_is_seen_after_something_was_suppressed_is_another_item(watch: PresenceRig) -> None:
    first = watch.show(item, 1.0)[-1]
    watch.presence.suppress()
    second = watch.show(other_item, 1.0)[-1]
    assert first is not None
    assert second is not None
    assert second.number == first.number + 1, "its event is not the one that is on record"


class Grained:
    """A tray with a grain, as trays have."""

    def __init__(self) -> None:
        rough = np.random.default_rng(5).normal(0, 1, (60, 80))
        self._grain = 5 * cv2.resize(rough, (320, 240), interpolation=cv2.INTER_CUBIC)[..., np.newaxis]

    def empty(self, seed: int) -> Pixels:
        return np.clip(tray_picture(grey=120, seed=seed) + self._grain, 0, 255).astype(np.uint8)

    def item(self, seed: int) -> Pixels:
        pixels = self.empty(seed)
        pixels[72:168, 112:208] = (190, 40, 40)
        return pixels


def light_changes(caplog: pytest.LogCaptureFixture) -> list[str]:
    return [record.levelname for record in caplog.records if "the light has changed" in record.message]


def test_a_large_item_is_no_change_of_the_light(caplog: pytest.LogCaptureFixture) -> None:
    """It covers more than ``LARGE_SHARE`` of the tray, whose grain shows beside it as before."""
    tray = Grained()
    watch = PresenceRig(Presence(settle_s=SETTLE_S, learn_s=0.5))
    watch.show(tray.empty, 1.0)

    def large(seed: int, left: float = 0.3) -> Pixels:
        pixels = tray.empty(seed)
        pixels[24:216, round(left * 320) : round((left + 0.5) * 320)] = (190, 40, 40)
        return pixels

    with caplog.at_level(logging.DEBUG):
        for left in (0.1, 0.2):  # it slides
            watch.show(lambda seed, left=left: large(seed, left), STEP_S)
        assert watch.show(large, 1.0)[-1] is not None
    assert light_changes(caplog) == []


def test_light_that_keeps_changing_is_logged_once(caplog: pytest.LogCaptureFixture) -> None:
    tray = Grained()
    watch = PresenceRig(Presence(settle_s=SETTLE_S, learn_s=0.5))
    watch.show(tray.empty, 1.0)
    with caplog.at_level(logging.DEBUG):
        for light in (0.55, 1.0, 0.55):
            watch.show(lambda seed, light=light: _lit(tray.empty(seed), light), 1.0)
        assert watch.presence.is_empty
        assert light_changes(caplog) == ["INFO", "DEBUG", "DEBUG"]
        caplog.clear()
        watch.show(lambda seed: _lit(tray.empty(seed), 0.55), 11.0)
        watch.show(tray.empty, 1.0)
    assert light_changes(caplog)[:1] == ["INFO"]


@pytest.mark.parametrize("gain", [0.55, 1.6], ids=["darker", "lighter"])
def test_another_light_from_one_moment_to_the_next_is_no_item(gain: float) -> None:
    """A door opened: 60 grey levels more or less, and brighter on one side."""
    tray = Grained()
    watch = PresenceRig(Presence(settle_s=SETTLE_S, learn_s=0.5))
    watch.show(tray.empty, 1.0)
    slope = np.linspace(0.9, 1.1, 320)[:, np.newaxis]
    assert watch.show(lambda seed: _lit(tray.empty(seed), gain * slope), 2.0) == [None] * 20
    assert watch.presence.is_empty
    assert watch.show(lambda seed: _lit(tray.item(seed), gain * slope), 1.0)[-1] is not None


def test_another_light_while_an_item_lies_there_leaves_it_an_item() -> None:
    tray = Grained()
    watch = PresenceRig(Presence(settle_s=SETTLE_S, learn_s=0.5))
    watch.show(tray.empty, 1.0)
    before = watch.show(tray.item, 1.0)[-1]
    after = watch.show(lambda seed: _lit(tray.item(seed), 1.5), 1.0)[-1]
    assert before is not None
    assert after is not None
    assert after.box_xyxy == pytest.approx(before.box_xyxy, abs=6)


def test_a_sheet_over_most_of_the_tray_is_an_item_whatever_the_grain() -> None:
    tray = Grained()
    watch = PresenceRig(Presence(settle_s=SETTLE_S, learn_s=0.5))
    watch.show(tray.empty, 1.0)

    def sheet(seed: int) -> Pixels:
        pixels = tray.empty(seed)
        pixels[10:230, 10:310] = tray_picture(300, 220, grey=235, seed=seed)
        return pixels

    assert watch.show(sheet, 1.0)[-1] is None, "it may be a coat"
    assert watch.presence.is_edge_crossed
    assert watch.show(sheet, COVERED_S)[-1] is not None


def _lit(pixels: Pixels, gain: object) -> Pixels:
    return np.clip(pixels * np.asarray(gain, np.float64), 0, 255).astype(np.uint8)


def remembering(ground: BackgroundModel | None) -> PresenceRig:
    assert ground is not None
    return PresenceRig(Presence(settle_s=SETTLE_S, learn_s=0.5, background=ground, unverified=True))


def test_an_item_that_lies_there_at_the_start_is_no_tray_to_one_who_remembers(watch: PresenceRig) -> None:
    again = remembering(watch.presence.background)
    assert again.show(item, 1.0)[-1] is not None
    again.show(empty, 1.0)
    assert again.presence.is_empty
    assert again.show(other_item, 1.0)[-1] is not None


def test_a_remembered_tray_is_learnt_from_itself_once_it_is_empty(watch: PresenceRig) -> None:
    again = remembering(watch.presence.background)
    a_bit_lighter = lambda seed: tray_picture(grey=158, seed=seed)  # noqa: E731
    again.show(a_bit_lighter, 1.0)
    assert again.presence.is_empty
    learnt, before = again.presence.background, watch.presence.background
    assert learnt is not None
    assert before is not None
    assert float(learnt.mean[..., 0].mean() - before.mean[..., 0].mean()) > 2.0


def test_a_tray_completely_different_from_the_stored_one_is_learnt_again(watch: PresenceRig) -> None:
    again = remembering(watch.presence.background)

    def wooden(seed: int) -> Pixels:
        return np.clip(tray_picture(seed=500 + seed) + np.array([40.0, -10.0, -60.0]), 0, 255).astype(np.uint8)

    again.show(wooden, COVER_STILL_S)
    assert again.presence.state is PresenceState.LEARNING, "it may be a coat"
    again.show(wooden, 1.5)
    assert again.presence.is_empty


def test_a_body_that_leans_over_the_tray_at_the_start_is_not_learnt_as_another_tray(watch: PresenceRig) -> None:
    again = remembering(watch.presence.background)

    def coat(seed: int) -> Pixels:
        return tray_picture(seed=seed) // 3

    again.show(coat, COVER_STILL_S - 0.5)
    assert again.presence.state is PresenceState.LEARNING
    again.show(empty, 1.0)
    assert again.presence.is_empty
    assert again.show(item, 1.0)[-1] is not None


def test_a_large_item_on_a_tray_that_was_recognised_is_an_item(watch: PresenceRig) -> None:
    """It comes before the tray has been learnt from itself: a slow machine, or a hasty user."""
    again = remembering(watch.presence.background)
    again.show(empty, 0.2)

    def sheet(seed: int) -> Pixels:
        pixels = empty(seed)
        pixels[10:230, 10:310] = tray_picture(300, 220, grey=235, seed=seed)
        return pixels

    assert again.show(sheet, COVERED_S)[-1] is not None
    assert again.presence.state is PresenceState.AT_REST


def test_an_item_that_slid_a_little_resembles_itself(watch: PresenceRig) -> None:
    watch.show(item, 1.0)
    before = watch.presence.snapshot()
    assert before is not None
    watch.show(lambda seed: item_picture((0.39, 0.34, 0.68, 0.73), seed=seed), 1.0)
    assert watch.presence.resembles(before)
    watch.show(lambda seed: item_picture((0.6, 0.1, 0.9, 0.5), seed=seed), 1.0)
    assert not watch.presence.resembles(before), "elsewhere"
    watch.show(lambda seed: item_picture(BOX, (40, 60, 190), seed=seed), 1.0)
    assert not watch.presence.resembles(before), "of another colour"
    watch.show(empty, 1.0)
    assert not watch.presence.resembles(before)


@pytest.mark.parametrize(("steps", "arrives"), [pytest.param(100, 50, marks=pytest.mark.slow), (50, 10)])
def test_light_that_runs_away_hides_no_item_and_makes_none(steps: int, arrives: int) -> None:
    """To two fifths within half a minute or one: faster than the empty tray follows, and not at all while an item lies on it."""
    tray = Grained()
    watch = PresenceRig(Presence(settle_s=SETTLE_S, learn_s=0.5))
    watch.show(tray.empty, 1.0)
    for number in range(steps):
        light = 1 - 0.6 * number / steps
        picture = tray.item if number >= arrives else tray.empty
        found = watch.show(lambda seed, light=light, picture=picture: _lit(picture(seed), light), 0.5)[-1]
        if number < arrives:
            assert watch.presence.is_empty, number
        else:
            assert not watch.presence.is_empty, number
            assert found is None or found.mask.area < 0.25, number


@pytest.mark.parametrize("gain", [0.7, 1.4])
def test_an_item_that_stays_is_known_again_in_another_light(gain: float) -> None:
    tray = Grained()
    watch = PresenceRig(Presence(settle_s=SETTLE_S, learn_s=0.5))
    watch.show(tray.empty, 1.0)
    watch.show(tray.item, 1.0)
    before = watch.presence.snapshot()
    assert before is not None
    watch.show(lambda seed: _lit(tray.item(seed), gain), 1.0)
    assert watch.presence.is_unchanged_since(before) or watch.presence.resembles(before)
    watch.show(lambda seed: _lit(tray.empty(seed), gain), 1.0)
    assert not watch.presence.is_unchanged_since(before)


def test_a_faint_item_that_fell_is_not_taken_for_another_faint_one_elsewhere(watch: PresenceRig) -> None:
    faint = (172, 168, 160)
    watch.show(lambda seed: item_picture((0.2, 0.3, 0.45, 0.7), faint, seed=seed), 1.0)
    before = watch.presence.snapshot()
    assert before is not None
    assert before.mask is not None
    watch.show(lambda seed: item_picture((0.2, 0.3, 0.45, 0.7), faint, seed=seed), 0.5)
    assert watch.presence.is_unchanged_since(before)
    watch.show(lambda seed: item_picture((0.5, 0.3, 0.75, 0.7), faint, seed=seed), 1.0)
    assert not watch.presence.is_unchanged_since(before)


@pytest.mark.parametrize(("empty_frames", "number"), [(1, 1), (2, 2)])
def test_one_frame_without_the_item_is_a_flicker_and_two_are_another_item(
    watch: PresenceRig, empty_frames: int, number: int
) -> None:
    assert watch.show(item, 1.0)[-1] is not None
    watch.show(empty, empty_frames * STEP_S)
    seen = watch.show(item, 1.0)[-1]
    assert seen is not None
    assert seen.number == number


def test_without_settings_the_tray_is_learnt_in_a_second_and_an_item_rests_after_a_quarter() -> None:
    watch = PresenceRig(Presence(), step_s=0.05)
    watch.show(empty, 1.0)
    assert watch.presence.state is PresenceState.LEARNING, "the first picture was taken at the end of a step"
    watch.show(empty, 0.25)
    assert watch.presence.is_empty
    seen = watch.show(item, 0.5)
    assert not any(seen[:5])
    assert all(seen[6:])


def test_three_pictures_teach_the_tray_however_far_apart() -> None:
    watch = PresenceRig(Presence(learn_s=0.5), step_s=2.0)
    watch.show(empty, 4.0)
    assert watch.presence.state is PresenceState.LEARNING
    watch.show(empty, 2.0)
    assert watch.presence.background is not None


def test_a_tray_that_is_given_is_the_tray_whatever_covers_it_at_the_start() -> None:
    known = Presence(settle_s=SETTLE_S, background=BackgroundModel.from_pictures([to_work_image(empty(0))]))
    watch = PresenceRig(known)
    watch.show(lambda seed: tray_picture(seed=seed) // 3, 1.0)
    assert known.is_edge_crossed


@pytest.mark.parametrize(
    ("region", "rows", "columns"),
    [
        ((0.25, 0.5, 0.75, 1.0), slice(3, 6), slice(2, 6)),
        ((0.0, 0.0, 0.125, 1 / 6), slice(0, 1), slice(0, 1)),
        ((0.99, 0.99, 1.0, 1.0), slice(5, 6), slice(7, 8)),
        ((0.5, 0.5, 0.51, 0.51), slice(3, 4), slice(4, 5)),
    ],
)
def test_the_region_is_cut_out_to_the_pixel(
    region: tuple[float, float, float, float], rows: slice, columns: slice
) -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (6, 8, 3), np.uint8)
    assert np.array_equal(Presence(region=region).tray(make_frame(pixels)).pixels, pixels[rows, columns])


def test_the_things_on_the_tray_are_counted(watch: PresenceRig) -> None:
    watch.show(item, 1.0)
    assert (watch.presence.things.came, watch.presence.things.present) == (1, 1)
    watch.show(empty, 1.0)
    assert (watch.presence.things.vanished, watch.presence.things.present) == (1, 0)
    watch.presence.note_unseen()
    assert watch.presence.things.unseen == 1


def test_something_that_comes_beside_an_item_is_a_newcomer_on_the_picture_that_shows_it(watch: PresenceRig) -> None:
    two = lambda seed: np.minimum(item(seed), item_picture((0.05, 0.1, 0.2, 0.3), (40, 60, 190), seed=seed))  # noqa: E731
    watch.show(item, 1.0)
    assert not watch.presence.is_newcomer
    watch.show(two, STEP_S)
    assert watch.presence.is_newcomer
    watch.show(two, STEP_S)
    assert not watch.presence.is_newcomer
    found = watch.show(two, 1.0)[-1]
    assert found is not None
    assert found.object_count == 2


@pytest.mark.parametrize(("picture", "most"), [(empty, 4), (item, 1)])
def test_where_nothing_moves_the_tray_is_compared_twice_a_second_and_an_item_once(
    watch: PresenceRig, monkeypatch: pytest.MonkeyPatch, picture: Callable[[int], Pixels], most: int
) -> None:
    surface = watch.presence._surface
    assert surface is not None
    looks = []
    segment = surface.segment
    monkeypatch.setattr(surface, "segment", lambda lab, time_s: looks.append(time_s) or segment(lab, time_s))
    watch.show(picture, 2.0)
    assert most - 1 <= len(looks) <= most + 1


def test_a_clock_that_goes_back_does_not_keep_the_tray_from_being_compared(watch: PresenceRig) -> None:
    watch.show(empty, 1.0)
    watch.time_s -= 1000.0
    watch.show(item, 1.0)
    watch.show(empty, 1.0)
    assert watch.presence.is_empty


def test_a_shadow_that_falls_on_the_tray_is_no_item_and_an_item_in_it_is_one() -> None:
    """It lies still, and shows the grain of the tray."""
    tray = Grained()
    watch = PresenceRig(Presence(settle_s=SETTLE_S, learn_s=0.5))
    watch.show(tray.empty, 1.0)
    shade = np.ones((240, 320), np.float32)
    cv2.ellipse(shade, (160, 120), (80, 70), 0.0, 0, 360, 0.7, -1)
    shadow = cv2.GaussianBlur(shade, (0, 0), 12)[..., None]
    assert watch.show(lambda seed: _lit(tray.empty(seed), shadow), 2.0) == [None] * 20
    assert watch.presence.is_empty
    assert watch.show(lambda seed: _lit(tray.item(seed), shadow), 1.0)[-1] is not None


def test_what_lies_still_is_examined_for_light_once(watch: PresenceRig, monkeypatch: pytest.MonkeyPatch) -> None:
    surface = watch.presence._surface
    assert surface is not None
    times_s = []
    monkeypatch.setattr(surface, "suppress_light", lambda mask, lab, time_s: times_s.append(time_s))
    watch.show(item, 2.0)
    assert len(times_s) == 1
    assert times_s[0] - (watch.time_s - 19 * STEP_S) == pytest.approx(SETTLE_S, abs=STEP_S)
    watch.show(other_item, 2.0)
    assert len(times_s) == 2


def test_a_frame_is_scaled_once(watch: PresenceRig) -> None:
    frame = make_frame(empty(1), 60.0)
    assert watch.presence.tray(frame) is watch.presence.tray(frame)
    assert watch.presence.tray(make_frame(item(1), 61.0)).pixels[120, 160].tolist() == [190, 40, 40]


def test_the_tray_follows_the_light_by_the_time_that_has_passed() -> None:
    """In three seconds of an ``adapt_s`` of thirty, by a tenth; in as many minutes by no more, all at once."""
    for wait_s, share in ((0.0, 0.1), (180.0, 0.1)):
        watch = PresenceRig(Presence(learn_s=0.5, adapt_s=30.0))
        watch.show(lambda seed: tray_picture(noise=1.0, seed=seed), 1.0)
        ground = watch.presence.background
        assert ground is not None
        before = float(ground.mean[..., 0].mean())
        watch.time_s += wait_s
        lighter = lambda seed: tray_picture(grey=154, noise=1.0, seed=seed)  # noqa: E731
        watch.show(lighter, STEP_S if wait_s else 3.0)
        ground = watch.presence.background
        assert ground is not None
        assert float(ground.mean[..., 0].mean()) - before == pytest.approx(1.55 * share, abs=0.05), wait_s
