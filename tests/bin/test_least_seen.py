"""The least size and opacity that the documentation states."""

from tests.bin.least_seen import BAG, BAG_SIZE, share_seen

PICTURE = (320, 240)


def test_what_is_smaller_than_a_twentieth_of_the_tray_is_not_seen() -> None:
    assert share_seen(PICTURE, items=3, label="metal", size=0.04) == 0


def test_from_seven_per_cent_of_the_tray_on_everything_is_seen() -> None:
    assert share_seen(PICTURE, items=3, label="metal", size=0.07) == 1


def test_clear_film_is_not_seen() -> None:
    assert share_seen(PICTURE, items=3, sprite=BAG, size=BAG_SIZE, opacity=0.15) == 0
