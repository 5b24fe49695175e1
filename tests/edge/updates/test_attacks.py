"""Whatever a server sends: nothing that is not signed now is used, and each attack has its line."""

import errno
import json
import shutil
from datetime import UTC, datetime, timedelta
from pathlib import Path
from unittest.mock import patch

import pytest

from convert.publishing.signed_files import ONLINE_DAYS
from edge.errors import InputMissingError, SorterError, UnavailableError
from edge.updates.refusal import (
    RepositoryRefusedError,
    RepositoryUnreachableError,
    UpdateStorageError,
)
from tests.builders.updates import never_ends, sends, signed_files, trickles
from tests.edge.updates.conftest import UpdateWorld


def refused(world: UpdateWorld, error: type[SorterError]) -> str:
    """What a bin says that takes nothing; it runs what it ran before."""
    bin_ = world.bin()
    before = bin_.config.slot
    with pytest.raises(error) as raised:
        bin_.apply()
    assert bin_.config.slot == before
    assert bin_.bin.taken == []
    return str(raised.value).replace(world.server.address, "URL")


def rewrite(path: Path, change: dict[str, object]) -> bytes:
    content = json.loads(path.read_bytes())
    content["signed"] |= change
    return json.dumps(content).encode()


def metadata(world: UpdateWorld, name: str) -> Path:
    return world.repository / "metadata" / name


def newest(world: UpdateWorld, role: str) -> Path:
    folder = world.repository / "metadata"
    return max(folder.glob(f"*.{role}.json"), key=lambda path: int(path.name.split(".")[0]))


def test_another_file_than_the_signed_one_is_refused(world: UpdateWorld) -> None:
    world.server.tricks[".net"] = sends(b"x" * 3_500_000)
    assert "targets" not in refused(world, RepositoryRefusedError)
    target = next((world.repository / "targets" / "canary").glob("*.net"))
    content = bytearray(target.read_bytes())
    content[1000] ^= 1
    world.server.tricks[".net"] = sends(bytes(content))
    assert "canary/net: another file than the one that was signed" in refused(world, RepositoryRefusedError)


@pytest.mark.parametrize("role", ["timestamp.json", "snapshot.json", "targets.json", "root.json"])
def test_lists_that_nobody_signed_are_refused(world: UpdateWorld, role: str) -> None:
    path = metadata(world, role) if role == "timestamp.json" else newest(world, role.removesuffix(".json"))
    if role == "root.json":  # a second one, which the first has not signed
        world.server.tricks["2.root.json"] = sends(rewrite(path, {"version": 2}))
    else:
        world.server.tricks[role] = sends(rewrite(path, {"expires": "2099-01-01T00:00:00Z"}))
    assert "its list: not signed by the keys that are trusted" in refused(world, RepositoryRefusedError)


def test_another_owners_repository_is_refused(world: UpdateWorld, tmp_path: Path) -> None:
    other = signed_files(tmp_path / "other")
    shutil.rmtree(world.repository / "metadata")
    shutil.copytree(other.folder / "metadata", world.repository / "metadata")
    assert "not signed by the keys that are trusted" in refused(world, RepositoryRefusedError)


def test_lists_that_are_older_than_those_seen_before_are_refused(world: UpdateWorld) -> None:
    before = metadata(world, "timestamp.json").read_bytes()
    world.publisher.files.refresh()
    world.bin().run.look()
    world.server.tricks["timestamp.json"] = sends(before)
    assert "its list: older than what was seen before" in refused(world, RepositoryRefusedError)


def test_lists_that_have_expired_are_refused(world: UpdateWorld) -> None:
    then = datetime.now(UTC) - timedelta(days=ONLINE_DAYS + 1)
    signed_files(world.repository, now=then).refresh()
    assert "its list: has expired, so that something newer may be withheld" in refused(world, RepositoryRefusedError)


def test_data_without_an_end_is_cut_off(world: UpdateWorld) -> None:
    world.server.tricks[".net"] = never_ends
    assert "canary/net: another file than the one that was signed" in refused(world, RepositoryRefusedError)
    world.server.tricks["timestamp.json"] = never_ends
    assert "its list: another file than the one that was signed" in refused(world, RepositoryRefusedError)


def test_a_server_that_trickles_is_given_up(world: UpdateWorld) -> None:
    world.server.tricks["timestamp.json"] = trickles
    assert "its list: does not come, or too slowly" in refused(world, RepositoryUnreachableError)


def test_a_server_that_is_gone_or_has_nothing_is_told_in_one_line(
    world: UpdateWorld, caplog: pytest.LogCaptureFixture
) -> None:
    world.server.tricks["timestamp.json"] = lambda handler: handler.send_error(500)
    assert "its list: the server answers 500" in refused(world, RepositoryUnreachableError)
    world.server.address = "http://127.0.0.1:9"
    with pytest.raises(
        RepositoryUnreachableError, match=r"its list: does not come, or too slowly: Connection refused$"
    ):
        world.bin("other").apply()
    assert not [one for one in caplog.records if not one.name.startswith("edge")]


@pytest.mark.parametrize(("wall_s", "words"), [(0.0, "h before a time that is past"), (1.6e9, "h before a time")])
def test_nothing_is_judged_by_a_clock_that_stands_in_the_past(world: UpdateWorld, wall_s: float, words: str) -> None:
    bin_ = world.bin()
    bin_.clock._wall_offset_s = wall_s
    with pytest.raises(UnavailableError, match=words):
        bin_.apply()
    assert not (bin_.config.updates_folder / "metadata").exists()


def test_a_full_disk_leaves_what_runs(world: UpdateWorld) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    with patch("tuf.ngclient.updater.open", create=True, side_effect=full):
        assert "No space left on device; what was in use stays" in refused(world, UpdateStorageError)
    with patch("edge.updates.slots.write_whole", side_effect=full):
        assert "No space left on device; what was in use stays" in refused(world, UpdateStorageError)
    assert world.bin().apply() == "trial"


def test_a_bin_without_the_keys_says_where_they_belong(world: UpdateWorld) -> None:
    world.root.unlink()
    assert "no such file; copy root.json" in refused(world, InputMissingError)
    world.root.write_text("{}")
    assert "its keys: cannot be trusted" in refused(world, RepositoryRefusedError)


def test_the_bin_follows_new_keys(world: UpdateWorld, quick_proof: None) -> None:
    bin_ = world.bin()
    for name in ("root", "targets", "online"):
        world.publisher.files.rotate(name)
    assert bin_.apply() == "trial"
    assert json.loads((world.repository / "root.json").read_bytes())["signed"]["version"] == 4
