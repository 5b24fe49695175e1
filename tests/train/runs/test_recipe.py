"""Recipes: the ones that come along can be trained, and a bad one is refused by name."""

import time
from pathlib import Path

import pytest

from train.errors import SettingsError
from train.runs import recipe

ASKED_FOR = {
    "trashnet6-mobilenetv2",
    "trashnet6-resnet50-transfer",
    "trashnet6-resnet50-scratch",
    "trashnet6-resnet18",
    "trashnet6-resnet18-head",
    "binary-mobilenetv2",
    "streams4-resnet18",
    "bin8-mobilenetv2",
    "teacher8-efficientnet-lite2",
    "anybin6-mobilenetv2",
    "anybin8-mobilenetv2",
    "anybin6-head",
}


def test_every_system_of_the_field_has_a_recipe() -> None:
    assert set(recipe.recipe_names()) == ASKED_FOR


@pytest.mark.parametrize("name", sorted(ASKED_FOR))
def test_a_recipe_is_settings_and_says_what_it_is(name: str) -> None:
    found = recipe.load_recipe(name)
    settings = found.settings()
    assert found.about.endswith(".")
    assert settings.labels == tuple(sorted(settings.labels))
    mapped = {pair.split("=")[1] for pair in settings.label_map}
    assert mapped <= set(settings.labels), "a folder is mapped to a label that is not kept"


def test_the_resnet18_recipe_falls_from_one_thousandth_to_a_tenth_of_it() -> None:
    settings = recipe.load_recipe("trashnet6-resnet18").settings()
    assert (settings.rate, settings.rate * settings.rate_floor) == (1e-3, pytest.approx(1e-4))
    head = recipe.load_recipe("trashnet6-resnet18-head").settings()
    assert head.head_epochs == head.epochs
    assert head.bn_momentum == 1.0


def test_a_recipe_of_ones_own_is_a_file(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text('# Mine.\n# And only mine.\nepochs = 7\nlabels = ["a", "b"]\n')
    found = recipe.load_recipe(str(path))
    assert (found.name, found.about) == ("mine", "Mine. And only mine.")
    assert (found.settings().epochs, found.settings().labels) == (7, ("a", "b"))
    path.write_bytes(path.read_text().replace("\n", "\r\n").encode("utf-8-sig"))
    assert recipe.load_recipe(str(path)) == found
    path.write_bytes("# größer\nepochs = 7\n".encode("latin-1"))
    with pytest.raises(SettingsError, match="line 1 is not UTF-8"):
        recipe.load_recipe(str(path))


def test_what_is_no_recipe_is_told(tmp_path: Path) -> None:
    with pytest.raises(
        SettingsError, match=r"expected one of anybin6-head, anybin6-mobilenetv2, anybin8-mobilenetv2, bin8-mobilenetv2"
    ):
        recipe.load_recipe("nothing")
    broken = tmp_path / "broken.toml"
    broken.write_text("epochs = = 3")
    with pytest.raises(SettingsError, match="not TOML"):
        recipe.load_recipe(str(broken))
    unknown = tmp_path / "unknown.toml"
    unknown.write_text("epoch = 3")
    with pytest.raises(SettingsError, match="recipe unknown: settings: unknown 'epoch'"):
        recipe.load_recipe(str(unknown)).settings()


def test_a_recipe_is_read_in_no_time_or_refused(tmp_path: Path) -> None:
    for letters in (2_000, 9_000, 40_000):
        (tmp_path / "mine.toml").write_text("labels." + "a." * letters + "a = 1\n")
        begin_s = time.process_time()
        with pytest.raises(SettingsError, match="mine"):
            recipe.load_recipe(str(tmp_path / "mine.toml")).settings()
        assert time.process_time() - begin_s < 5, "what grows with the square of the length takes minutes"


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ('epochs = "20"', "epochs must be a int"),
        ("epochs = 20.5", "epochs must be a int"),
        ('labels = "glass,paper"', "labels must be a list of texts"),
        ("teachers = [1]", "teachers must be a list of texts"),
        ("weights = 3", "weights must be a str"),
    ],
)
def test_a_value_of_the_wrong_type_is_told(tmp_path: Path, line: str, told: str) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(line)
    with pytest.raises(SettingsError, match=told):
        recipe.load_recipe(str(path)).settings()
