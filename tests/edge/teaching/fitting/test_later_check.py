"""What is to be expected of other things: each part of the taught pictures is judged by those of another time."""

import numpy as np

from edge.inference.head_manifest import HeadManifest
from edge.teaching.fitting.calibration import AnswerScaling
from edge.teaching.fitting.discriminant import Group
from edge.teaching.fitting.later_check import PARTS, later_accuracy
from edge.teaching.fitting.prototypes import Prototypes

MANIFEST = HeadManifest(
    created="", labels=("cup", "leaf"), base_sha256="0" * 64, base_name="base", numbers=12, taught=(0, 1)
)

THINGS = 3
"""Things of each label."""


def make_groups(*, pictures_each: int = 4) -> list[Group]:
    """Two labels that differ less than the things of each do: an axis for each thing, and one for the label."""
    rng = np.random.default_rng(0)
    groups = []
    for label in range(2):
        rows = 0.05 * rng.standard_normal((THINGS * pictures_each, 2, 12))
        for thing in range(THINGS):
            rows[thing * pictures_each : (thing + 1) * pictures_each, :, THINGS * label + thing] += 5.0
        rows[..., -1] += 0.01 * label
        groups.append(Group(rows.astype(np.float32), np.ones(len(rows))))
    return groups


def judge(groups: list[Group]) -> float | None:
    return later_accuracy(
        groups,
        [group.rows for group in groups],
        [],
        Prototypes((-1, -1)).mixture,
        MANIFEST,
        AnswerScaling(1.0, 0.0),
        shrinkage=0.3,
    )


def test_things_one_after_the_other_do_not_vouch_for_each_other_and_mixed_ones_do() -> None:
    in_order = make_groups()
    order = np.arange(12).reshape(THINGS, 4).T.ravel()
    mixed = [Group(group.rows[order], group.weights) for group in in_order]
    found = judge(in_order)
    assert found is not None
    assert found < 0.8
    assert judge(mixed) == 1.0


def test_a_label_with_fewer_pictures_than_parts_leaves_it_unknown() -> None:
    few, many = make_groups()
    assert judge([Group(few.rows[: PARTS - 1], few.weights[: PARTS - 1]), many]) is None
    assert judge([Group(few.rows[:PARTS], few.weights[:PARTS]), many]) is not None
