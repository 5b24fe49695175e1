"""A signed release is unpacked and installed, newer ones alone; root believes only what root alone may write."""

import io
import tarfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from edge.updates.program import ProgramUpdate, check_only_root_writes
from edge.updates.refusal import UpdateRefusedError
from tests.edge.updates.conftest import UpdateWorld


def release(path: Path, *names: str) -> Path:
    with tarfile.open(path, "w:gz") as archive:
        for name in names:
            content = b"exit 0\n"
            entry = tarfile.TarInfo(name)
            entry.size = len(content)
            archive.addfile(entry, io.BytesIO(content))
    return path


def test_newer_releases_are_installed_and_one_that_fails_is_not_tried_again(world: UpdateWorld, tmp_path: Path) -> None:
    ran: list[str] = []
    codes = [0, 1]

    def install(command: Sequence[str]) -> int:
        ran.append(Path(command[1]).read_text())
        return codes[len(ran) - 1]

    taken = ProgramUpdate(tmp_path / "root", install=install)
    (tmp_path / "root").mkdir()
    repository = world.bin().run.look()[0]
    assert taken.news(repository, ["net", "sorter"]) is None
    for number, version in ((1, 1), (2, 2)):
        file = release(tmp_path / f"{number}.tar.gz", "sorter/systemd/install.sh", f"sorter/{number}")
        assert world.publisher.publish(file, name="sorter") == version
        repository = world.bin().run.look()[0]
        offer = taken.news(repository, ["net", "sorter"])
        assert offer is not None
        if number == 1:
            taken.take(repository, offer)
        else:
            with pytest.raises(UpdateRefusedError, match="its installer ends with 1; the release before runs"):
                taken.take(repository, offer)
        assert taken.news(repository, ["sorter"]) is None
    assert ran == ["exit 0\n"] * 2
    assert [path.name for path in (tmp_path / "root").iterdir()] == ["program.json"]


def test_what_leads_out_of_a_release_or_is_none_is_refused(world: UpdateWorld, tmp_path: Path) -> None:
    taken = ProgramUpdate(tmp_path / "root", install=lambda command: pytest.fail(str(command)))
    (tmp_path / "root").mkdir()
    for names in (("../systemd/install.sh",), ("sorter/README.md",)):
        world.publisher.publish(release(tmp_path / "x.tar.gz", *names), name="sorter")
        repository = world.bin().run.look()[0]
        offer = taken.news(repository, ["sorter"])
        assert offer is not None
        with pytest.raises(UpdateRefusedError):
            taken.take(repository, offer)
    assert not (tmp_path / "systemd").exists()


def test_root_believes_no_file_that_others_may_write(tmp_path: Path) -> None:
    file = tmp_path / "update-root.json"
    file.write_text("{}")
    file.chmod(0o666)
    with pytest.raises(UpdateRefusedError, match="others than root may write it"):
        check_only_root_writes(file)
    check_only_root_writes(Path("/etc/passwd"))
