"""Which items a scenario throws in: one by one, or random ones."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Annotated, Self

import numpy as np
from pydantic import Discriminator, Field, Tag, model_validator

from edge.config.section import Share
from edge.config.simulation import Range
from edge.simulation.section import ScenarioSection, Seconds
from hardware.world.scheduled_item import ScheduledItem

FIRST_AFTER_S = 2.5
"""Earliest arrival of the first item, in seconds: the bin learns its empty tray before."""

LEAST_HOP_S = 0.4
"""Shortest time until rest in which an item hops and rolls, in seconds: a shorter fall leaves no time for it."""

HOUR_S = 3600.0

_ITEMS_STREAM = 7
"""Second part of a random generator's seed: a stream of random numbers of its own."""


class ItemConfig(ScenarioSection):
    """One item of a list.

    Attributes:
        at_s: earliest arrival, in seconds from the start; None: as soon as the tray is free.
        gap_s: least time that the tray has been free before, in seconds.
        label: its true label; None: any.
        sprite: its picture below ``folder``, e.g. ``glass/glass-jar-1-01.png``; None: any of its label.
        settle_s: time until it is at rest, in seconds.
        size: its longer side, as a share of the picture's shorter one.
        x, y: where it comes to rest, as shares of the picture; None: near the middle.
        angle_deg: its rotation; None: random.
        bounces: number of hops.
        roll: distance that it rolls, as a share of the picture's shorter side.
        opacity: 1 solid, 0.05 hardly visible.
    """

    at_s: Seconds | None = None
    gap_s: Seconds = 0.8
    label: str | None = None
    sprite: str | None = None
    settle_s: float = Field(0.5, ge=0.05, le=60)
    size: float = Field(0.5, ge=0.02, le=1.5)
    x: float | None = Field(None, ge=-1, le=2)
    y: float | None = Field(None, ge=-1, le=2)
    angle_deg: float | None = Field(None, ge=-360, le=360)
    bounces: int = Field(0, ge=0, le=5)
    roll: Share = 0.0
    opacity: float = Field(1.0, ge=0.01, le=1)

    def scheduled(self) -> ScheduledItem:
        """The item as the simulated world takes it."""
        return ScheduledItem(**self.model_dump())


class RandomItems(ScenarioSection):
    """Random items.

    Attributes:
        count: number of items.
        hours: hour of the day (0..23) -> weight: when they come; the other hours get none. None: one after the other.
        gap_s: least and most time that the tray is free before the next, in seconds.
        settle_s, size: least and most, see ``ItemConfig``.
        labels: only these; None: all that there are.
        bounces, roll: maximum, see ``ItemConfig``.
    """

    count: int = Field(ge=0, le=100_000)
    hours: dict[Annotated[int, Field(ge=0, le=23)], Annotated[float, Field(ge=0)]] | None = None
    gap_s: Range = (0.6, 1.5)
    settle_s: Range = (0.3, 0.8)
    size: tuple[float, float] = (0.35, 0.75)
    labels: tuple[str, ...] | None = None
    bounces: int = Field(2, ge=0, le=5)
    roll: Share = 0.2

    @model_validator(mode="after")
    def _fits(self) -> Self:
        if not 0.02 <= self.size[0] <= self.size[1] <= 1.5:
            raise ValueError("size: expected [least, most] within 0.02..1.5")
        if self.settle_s[0] < 0.05:
            raise ValueError("settle_s: expected at least 0.05")
        if self.hours is not None and not sum(self.hours.values()) > 0:
            raise ValueError("hours: expected a weight above 0 for at least one hour")
        if self.labels is not None and not self.labels:
            raise ValueError("labels: expected at least one; leave it out for all")
        return self


def _tag(items: object) -> str:
    return "list" if isinstance(items, list | tuple) else "random"


Items = Annotated[
    Annotated[RandomItems, Tag("random")] | Annotated[tuple[ItemConfig, ...], Tag("list")], Discriminator(_tag)
]


def draw_items(items: RandomItems, start: datetime, seed: int) -> list[ScheduledItem]:
    """Draw the items one by one.

    Args:
        items: what is wanted.
        start: the wall clock at the start, with its zone.
        seed: determines everything random.
    """
    rng = np.random.default_rng((seed, _ITEMS_STREAM))
    times: list[float | None] = [None] * items.count
    if items.hours is not None:
        times = [*_draw_times(items.hours, items.count, start, rng)]
    drawn: list[ScheduledItem] = []
    for at_s in times:
        settle_s = float(rng.uniform(*items.settle_s))
        bounces, roll = int(rng.integers(0, items.bounces + 1)), float(rng.uniform(0, items.roll))
        item = ItemConfig(
            at_s=at_s,
            gap_s=max(float(rng.uniform(*items.gap_s)), 0.0 if drawn else FIRST_AFTER_S),
            label=None if items.labels is None else str(rng.choice(items.labels)),
            settle_s=settle_s,
            size=float(rng.uniform(*items.size)),
            bounces=bounces if settle_s >= LEAST_HOP_S else 0,
            roll=roll if settle_s >= LEAST_HOP_S else 0.0,
        )
        drawn.append(item.scheduled())
    return drawn


def _draw_times(hours: Mapping[int, float], count: int, start: datetime, rng: np.random.Generator) -> list[float]:
    """``count`` moments within the first 24 hours, in seconds from the start, rising; by the weights of their hours."""
    begin = start.replace(minute=0, second=0, microsecond=0)
    slots = [begin + timedelta(hours=number) for number in range(25)]
    # Only the rest of the hour that has begun counts; its first part comes a day later.
    least_s = (start - begin).total_seconds()
    weights = np.array([hours.get(slot.hour, 0.0) for slot in slots])
    weights[0] *= 1 - least_s / HOUR_S
    weights[24] *= least_s / HOUR_S
    chosen = rng.choice(25, size=count, p=weights / weights.sum())
    moments = []
    for number in chosen:
        low_s, high_s = (least_s if number == 0 else 0.0), (least_s if number == 24 else HOUR_S)
        moments.append(HOUR_S * int(number) - least_s + float(rng.uniform(low_s, high_s)))
    return sorted(max(moment, FIRST_AFTER_S) for moment in moments)
