"""Exposure that settles and is locked: the time line, on a clock that the pictures move."""

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest

from hardware.cameras.settling import MOST_S, AutoExposureCamera
from hardware.clock import ManualClock
from hardware.errors import CameraError, HardwareConfigError
from hardware.frame import Pixels
from tests.processes import until

Events = Mapping[float, Callable[["LightMeter"], None]]


class LightMeter(AutoExposureCamera):
    """Eight pictures a second for ``lasts_s`` seconds, as bright as the exposure says. Events happen at their second."""

    CHECK = 0.25
    description = "light meter"

    def __init__(
        self, *, events: Events | None = None, converges_at_s: float = 0.0, lasts_s: float = 20.0, **options: Any
    ) -> None:
        self.events = sorted((events or {}).items())
        self.converges_at_s = converges_at_s
        self.lasts_s = lasts_s
        self.wanted: int | None = 100
        self.fixed: int | None = None
        self.lies_by = 0
        """By how much locking changes the picture, as with a camera that does not tell what it chose."""
        self.refuses = False
        self.history: list[tuple[float, str]] = []
        self.given: list[tuple[float, int]] = []
        settings = {"warm_up_s": 2.0, "lock": True, "reconnect_s": 0.5, "reconnect_max_s": 1.0} | options
        super().__init__(clock=ManualClock(), **settings)

    def _now_s(self) -> float:
        return self._clock.now_s()

    def _open(self) -> None:
        self.history.append((self._now_s(), "open"))
        self.fixed = None
        self._prepare()

    def _grab(self) -> tuple[Pixels, float] | None:
        assert isinstance(self._clock, ManualClock)
        while self._now_s() < self.lasts_s:
            self._clock.advance(0.125)
            while self.events and self.events[0][0] <= self._now_s():
                self.events.pop(0)[1](self)
            level = (self.wanted or 0) if self.fixed is None else self.fixed + self.lies_by
            pixels = np.full((16, 16, 3), level, np.uint8)
            if self._settled(pixels):
                self.given.append((self._now_s(), level))
                return pixels, self._clock.now_s()
        return None

    def _release(self) -> None:
        pass

    def _automatic(self) -> None:
        self.fixed = None
        self.history.append((self._now_s(), "automatic"))

    def _converged(self) -> bool:
        return self._now_s() >= self.converges_at_s

    def _found(self) -> dict[str, Any]:
        return {} if self.wanted is None else {"exposure": self.wanted}

    def _fix(self, settings: dict[str, Any]) -> None:
        if self.refuses:
            raise CameraError("controls.exposure: refused")
        self.fixed = settings["exposure"]
        self.history.append((self._now_s(), f"locked at {self.fixed}"))


def watch(events: Events | None = None, **options: Any) -> LightMeter:
    """What a camera did, in twenty seconds unless told otherwise."""
    with LightMeter(events=events, **options) as camera:
        assert until(lambda: camera.exhausted)
    return camera


def test_locked_after_the_warm_up_and_given_out_after_the_check() -> None:
    camera = watch()
    assert camera.history == [(0.0, "open"), (0.0, "automatic"), (2.0, "locked at 100")]
    assert camera.given[0][0] == 2.5


@pytest.mark.parametrize(("converges_at_s", "locked_s"), [(3.0, 3.0), (1e9, 6.0)])
def test_an_exposure_still_on_its_way_is_waited_for_but_not_for_ever(converges_at_s: float, locked_s: float) -> None:
    assert (locked_s, "locked at 100") in watch(converges_at_s=converges_at_s).history


def test_without_the_lock_it_is_only_waited_for() -> None:
    camera = watch(lock=False)
    assert camera.history == [(0.0, "open"), (0.0, "automatic")]
    assert camera.given[0][0] == 2.0


def test_a_camera_with_nothing_to_lock_goes_on() -> None:
    camera = watch({0.125: lambda camera: setattr(camera, "wanted", None)})
    assert camera.history == [(0.0, "open"), (0.0, "automatic")]
    assert camera.given[0][0] == 2.0


@pytest.mark.parametrize(
    ("attribute", "value", "why"),
    [("lies_by", -60, "from 100 to 40 of 255"), ("refuses", True, "controls.exposure: refused")],
)
def test_a_lock_that_does_harm_is_given_up_aloud(
    attribute: str, value: object, why: str, caplog: pytest.LogCaptureFixture
) -> None:
    camera = watch({0.125: lambda camera: setattr(camera, attribute, value)})
    assert camera.history[-1][1] == "automatic"
    assert camera.given
    assert {level for _, level in camera.given} == {100}
    assert "stay automatic" in caplog.text
    assert why in caplog.text


def test_a_camera_that_was_lost_comes_back_with_the_same_exposure() -> None:
    """Settled anew it would fit the item that lies there now, and the empty tray would no longer be known."""

    def pull_the_cable(camera: LightMeter) -> None:
        camera.wanted = 30
        raise CameraError("cable")

    camera = watch({5.0: pull_the_cable})
    assert camera.history[2:] == [(2.0, "locked at 100"), (5.5, "open"), (5.5, "locked at 100")]
    assert {level for _, level in camera.given} == {100}


def test_relock_takes_the_exposure_of_now_and_gives_nothing_out_meanwhile() -> None:
    def dim_the_lamp(camera: LightMeter) -> None:
        camera.wanted = 30
        camera.relock()

    camera = watch({5.0: dim_the_lamp})
    assert camera.history[3:] == [(5.0, "automatic"), (7.0, "locked at 30")]
    assert [time_s for time_s, _ in camera.given if 5.0 <= time_s < 7.5] == []
    assert camera.given[-1][1] == 30


@pytest.mark.parametrize("lies_by", [0, -60])
@pytest.mark.parametrize("lock", [True, False])
@pytest.mark.parametrize("warm_up_s", [15.0, 30.0])
def test_pictures_come_half_a_minute_after_the_start_however_it_goes(
    warm_up_s: float, lock: bool, lies_by: int
) -> None:
    events: Events = {0.125: lambda camera: setattr(camera, "lies_by", lies_by)}
    camera = watch(events, warm_up_s=warm_up_s, lock=lock, converges_at_s=1e9, lasts_s=32.0)
    assert camera.given[0][0] == pytest.approx(MOST_S, abs=0.25)
    assert {level for _, level in camera.given} == {100}


def test_a_relock_has_half_a_minute_of_its_own() -> None:
    camera = watch({40.0: LightMeter.relock}, warm_up_s=15.0, converges_at_s=1e9, lasts_s=72.0)
    assert [time_s for time_s, _ in camera.given if 40.0 <= time_s < 69.0] == []
    assert camera.given[-1][0] == 72.0


@pytest.mark.parametrize("warm_up_s", [-1, 31, float("nan")])
def test_the_warm_up_is_bounded(warm_up_s: float) -> None:
    with pytest.raises(HardwareConfigError, match="warm_up_s"):
        LightMeter(warm_up_s=warm_up_s)
