"""A head is used if it fits the model and is no step back on what the owner taught."""

import pytest

from edge.errors import HeadError, ModelError
from edge.teaching.heads.head_check import LEAST_COMPARED, MOST_COMPARED, NOT_COMPARED, balanced_accuracy, check_head
from tests.builders.heads import SPEC, make_base, make_examples, make_head
from tests.builders.models import make_manifest

TAUGHT = make_examples({"cup": 6, "can": 2, "peel": 2})
GOOD, WORSE = make_head(), make_head(axes=(1, 0, 2))


def test_a_head_of_another_model_is_refused_with_what_to_do() -> None:
    with pytest.raises(ModelError, match="fit it again"):
        check_head(make_head(base=make_base(sha256="0" * 64)), make_base())


def test_a_model_without_features_has_no_heads() -> None:
    base = make_manifest()
    with pytest.raises(ModelError, match="gives no features"):
        check_head(make_head(base=base), base)


def test_every_label_counts_the_same_however_many_pictures_it_has() -> None:
    assert balanced_accuracy(GOOD, TAUGHT, SPEC) == 1.0
    # Both of the first two labels are mistaken for each other.
    assert balanced_accuracy(WORSE, TAUGHT, SPEC) == pytest.approx(1 / 3)
    assert balanced_accuracy(make_head(("cup", "tin"), (0, 1)), TAUGHT, SPEC) == pytest.approx(1 / 3)


def test_a_label_counts_in_whatever_spelling_it_was_taught() -> None:
    assert balanced_accuracy(GOOD, make_examples({"Cup": 6, "CAN": 2, "peel": 2}), SPEC) == 1.0
    both = make_examples({"Cup": 6, "can": 2, "peel": 2, "cup": 2}, {"cup": 0})
    assert balanced_accuracy(GOOD, both, SPEC) == 1.0


def test_a_head_that_knows_less_than_the_one_in_use_is_refused_unless_it_is_wanted() -> None:
    with pytest.raises(HeadError, match=r"33.3% of 10 taught pictures rightly .*, the one in use 100.0%"):
        check_head(WORSE, make_base(), before=GOOD, taught=TAUGHT)
    found = check_head(WORSE, make_base(), before=GOOD, taught=TAUGHT, is_wanted=True)
    assert (found.pictures, found.is_worse) == (10, True)
    assert not check_head(GOOD, make_base(), before=WORSE, taught=TAUGHT).is_worse
    assert not check_head(GOOD, make_base(), before=GOOD, taught=TAUGHT).is_worse


def test_of_many_pictures_some_of_each_label_are_compared() -> None:
    many = make_examples({"cup": 3 * MOST_COMPARED, "can": 50, "peel": 50})
    found = check_head(GOOD, make_base(), before=WORSE, taught=many)
    assert MOST_COMPARED / 2 < found.pictures <= MOST_COMPARED
    assert found.before == pytest.approx(1 / 3)
    assert found.after == 1.0


def test_without_a_head_in_use_or_with_too_few_pictures_nothing_is_compared() -> None:
    few = make_examples({"cup": LEAST_COMPARED - 1, "can": 0})
    assert check_head(WORSE, make_base(), taught=TAUGHT) == NOT_COMPARED
    assert check_head(WORSE, make_base(), before=GOOD) == NOT_COMPARED
    assert check_head(WORSE, make_base(), before=GOOD, taught=few) == NOT_COMPARED
