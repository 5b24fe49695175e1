"""Heads are switched by one rename, the earlier ones are kept, and a kill at any step leaves the old one or the new."""

from pathlib import Path

import pytest

from edge.errors import HeadError, InputMissingError, ModelError
from edge.teaching.heads.head_folder import FOLDER, KEPT, HeadFolder, load_head
from tests.builders.heads import make_head, write_made_head

STEPS = ("folder", "old", "new", "wanted", "switch", "prune")


class KilledError(BaseException):
    """The process ends here."""


@pytest.fixture
def folder(tmp_path: Path) -> HeadFolder:
    return HeadFolder(tmp_path / "state" / "bin.head")


def made(tmp_path: Path, number: int) -> tuple[Path, str]:
    path = tmp_path / f"made-{number}.head"
    return path, write_made_head(path, make_head((f"label {number}", "can", "peel")))


def in_use(folder: HeadFolder) -> str | None:
    used = folder.current()
    return None if used is None else used.sha256


def test_nothing_is_in_use_until_a_head_is(folder: HeadFolder, tmp_path: Path) -> None:
    assert folder.current() is None
    with pytest.raises(HeadError, match="none is in use"):
        folder.back()
    path, sha256 = made(tmp_path, 1)
    assert folder.use(path).sha256 == sha256
    assert in_use(folder) == sha256
    assert folder.earlier() == []


def test_going_back_leads_through_the_last_ones_to_the_model_alone(folder: HeadFolder, tmp_path: Path) -> None:
    heads = [made(tmp_path, number) for number in range(KEPT + 3)]
    for path, _ in heads:
        folder.use(path)
    assert len(folder.earlier()) == KEPT
    for _, sha256 in reversed(heads[2:-1]):
        back = folder.back()
        assert back is not None
        assert back.sha256 == in_use(folder) == sha256
        assert folder.is_wanted(sha256)
    assert folder.earlier() == []
    assert folder.back() is None
    assert folder.current() is None


@pytest.mark.parametrize("last_step", ["switch", "left"])
def test_a_kill_at_the_first_head_leaves_none_to_go_back_to(last_step: str, folder: HeadFolder, tmp_path: Path) -> None:
    def stop(step: str) -> None:
        if step == last_step:
            raise KeyboardInterrupt

    def use_and_go_back() -> None:
        folder.use(made(tmp_path, 1)[0], note=stop if last_step == "switch" else lambda step: None)
        folder.back(note=stop)

    with pytest.raises(KeyboardInterrupt):
        use_and_go_back()
    assert folder.current() is None
    assert folder.earlier() == []
    second, sha256 = made(tmp_path, 2)
    assert folder.use(second).sha256 == sha256
    assert folder.earlier() == []


def test_a_head_that_was_gone_back_from_is_not_gone_back_to(folder: HeadFolder, tmp_path: Path) -> None:
    (one, first), (two, second), (three, third) = (made(tmp_path, number) for number in range(3))
    folder.use(one)
    folder.use(two)
    folder.back()
    folder.use(three)
    assert in_use(folder) == third
    folder.back()
    assert in_use(folder) == first
    # But it is still there, and can be used by its name.
    left = next((folder.file.parent / FOLDER).glob(f"left-*{second[:12]}.head"))
    assert folder.use(left).sha256 == second


def test_a_head_that_was_put_there_by_hand_is_kept(folder: HeadFolder, tmp_path: Path) -> None:
    by_hand = write_made_head(folder.file, make_head(("by", "hand", "alone")))
    folder.use(made(tmp_path, 1)[0])
    folder.back()
    assert in_use(folder) == by_hand


def test_going_back_from_a_head_that_was_put_there_by_hand_leaves_the_model_alone(folder: HeadFolder) -> None:
    by_hand = write_made_head(folder.file)
    assert folder.back() is None
    assert folder.current() is None
    (left,) = (folder.file.parent / FOLDER).glob("left-*.head")
    assert load_head(left).sha256 == by_hand


def test_a_damaged_head_is_refused_and_a_damaged_one_in_use_is_no_hindrance(folder: HeadFolder, tmp_path: Path) -> None:
    first, sha256 = made(tmp_path, 1)
    folder.use(first)
    bad = tmp_path / "bad.head"
    bad.write_bytes(first.read_bytes()[:-100])
    with pytest.raises(ModelError):
        folder.use(bad)
    with pytest.raises(InputMissingError):
        folder.use(tmp_path / "nowhere.head")
    assert in_use(folder) == sha256
    folder.file.write_bytes(b"cut")
    assert [load_head(path).sha256 for path in folder.earlier()] == [sha256]
    second, other = made(tmp_path, 2)
    folder.use(second)
    assert in_use(folder) == other
    folder.back()
    assert in_use(folder) == sha256


def test_a_head_that_is_used_again_does_not_push_the_earlier_ones_out(folder: HeadFolder, tmp_path: Path) -> None:
    (one, first), (two, second) = made(tmp_path, 1), made(tmp_path, 2)
    folder.use(one)
    for _ in range(KEPT + 1):
        folder.use(two)
    folder.file.write_bytes(b"cut")
    folder.use(two)
    assert in_use(folder) == second
    folder.back()
    assert in_use(folder) == first


def test_a_head_that_is_wanted_is_remembered_until_the_next(folder: HeadFolder, tmp_path: Path) -> None:
    (one, first), (two, second) = made(tmp_path, 1), made(tmp_path, 2)
    folder.use(one, is_wanted=True)
    assert folder.is_wanted(first)
    folder.use(two)
    assert not folder.is_wanted(first)
    assert not folder.is_wanted(second)


@pytest.mark.parametrize("step", STEPS)
def test_a_kill_before_any_step_of_use_leaves_the_old_head_or_the_new(
    folder: HeadFolder, tmp_path: Path, step: str
) -> None:
    (one, first), (two, second) = made(tmp_path, 1), made(tmp_path, 2)
    folder.use(one)

    def kill(at: str) -> None:
        if at == step:
            raise KilledError

    with pytest.raises(KilledError):
        folder.use(two, note=kill)
    assert in_use(folder) == (second if step == "prune" else first)
    # What was left half done is no hindrance.
    folder.use(two)
    folder.back()
    assert in_use(folder) == first


@pytest.mark.parametrize("step", ["wanted", "switch", "left", "prune"])
def test_a_kill_before_any_step_of_back_leaves_the_old_head_or_the_new(
    folder: HeadFolder, tmp_path: Path, step: str
) -> None:
    (one, first), (two, second), (three, _) = (made(tmp_path, number) for number in range(3))
    folder.use(one)
    folder.use(two)

    def kill(at: str) -> None:
        if at == step:
            raise KilledError

    with pytest.raises(KilledError):
        folder.back(note=kill)
    assert in_use(folder) == (second if step in ("wanted", "switch") else first)
    if in_use(folder) == second:
        folder.back()
    folder.use(three)
    folder.back()
    assert in_use(folder) == first


def test_a_folder_that_cannot_be_written_leaves_the_head(folder: HeadFolder, tmp_path: Path) -> None:
    (one, first), (two, _) = made(tmp_path, 1), made(tmp_path, 2)
    folder.use(one)
    earlier = folder.file.parent / FOLDER
    for path in earlier.iterdir():
        path.unlink()
    earlier.rmdir()
    earlier.write_text("in the way")
    with pytest.raises(HeadError, match="cannot be written"):
        folder.use(two)
    assert in_use(folder) == first
