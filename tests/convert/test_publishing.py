"""The command line of a repository, and the rule by which an update goes from ring to ring."""

import json
from pathlib import Path
from unittest.mock import patch

import pytest

from convert.cli import main
from convert.publishing.commands import PASSPHRASE
from convert.publishing.keys import KeyFolder
from convert.publishing.publish import Publication, publish, revoke
from convert.publishing.ring_reports import count_ring, read_reports
from convert.publishing.signed_files import SignedFiles
from edge.updates.outcome import UpdateState
from tests.builders.updates import PASSPHRASE as TEST_PASSPHRASE
from tests.builders.updates import another_model, golden_folder, signed_files
from train.errors import SettingsError


def report(number: int, state: UpdateState, **changes: object) -> dict[str, object]:
    return {
        "bin": f"b{number}",
        "ring": "canary",
        "target": "net",
        "version": 2,
        "state": state,
        "wall_s": 5.0,
    } | changes


@pytest.mark.parametrize(
    ("kept", "failed", "size", "stops", "goes_on"),
    [
        (8, 2, 10, False, True),
        (7, 3, 10, True, False),
        (4, 0, 10, False, False),
        (0, 0, 0, False, False),
        (900, 50, 1000, False, True),
        (900, 51, 1000, True, False),
    ],
)
def test_a_ring_stops_at_more_than_two_or_five_in_a_hundred(
    kept: int, failed: int, size: int, stops: bool, goes_on: bool
) -> None:
    states = [UpdateState.KEPT] * kept + [UpdateState.REFUSED] * failed
    reports = [report(number, state) for number, state in enumerate(states)]
    found = count_ring(reports, target="net", version=2, ring="canary", size=size)
    assert (found.must_stop, found.may_go_on, found.kept, found.failed) == (stops, goes_on, kept, failed)


def test_the_newest_report_of_each_bin_of_the_ring_counts() -> None:
    reports = [
        report(1, UpdateState.KEPT, wall_s=9.0),
        report(1, UpdateState.TRIAL),
        report(2, UpdateState.KEPT, version=1),
        report(3, UpdateState.KEPT, ring="early"),
    ]
    found = count_ring(reports, target="net", version=2, ring="canary", size=None)
    assert (found.size, found.kept, found.failed, found.watched) == (2, 1, 0, 0)


def test_reports_are_read_as_bins_tell_them(tmp_path: Path) -> None:
    lines = [{"update": {"bin": "a"}}, {"last": {"bin": "b"}}, {"bin": "c"}, {"update": None}]
    (tmp_path / "r").write_text("\n".join(json.dumps(line) for line in lines) + "\n\n")
    assert [one["bin"] for one in read_reports([tmp_path / "r"])] == ["a", "b", "c"]
    (tmp_path / "r").write_text("no\n")
    with pytest.raises(SettingsError, match=r"r:1: expected a JSON object"):
        read_reports([tmp_path / "r"])


def test_a_repository_is_made_signed_and_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv(PASSPHRASE, "a passphrase for tests")
    settings = tmp_path / "calm.json"
    settings.write_text('{"min_confidence": 0.7}')
    place = ["--repo", str(tmp_path / "repo")]
    assert main(["publish", str(settings), *place]) == 0
    assert "calm 1: offered as canary/calm" in capsys.readouterr().out
    assert main(["publish", str(settings), *place, "--ring", "all"]) == 2
    assert "the ring early does not have this file" in capsys.readouterr().err
    settings.write_text('{"min_confidence": 0.8}')
    assert main(["publish", str(settings), *place]) == 0
    assert main(["revoke", "calm", *place]) == 0
    repository: SignedFiles = signed_files(tmp_path / "repo")
    assert repository.targets["canary/calm"].custom == {"kind": "settings", "version": 1}
    for command in (["refresh"], ["rotate", "online"]):
        assert main([*command, *place]) == 0
    assert main(["revoke", "other", *place]) == 2
    assert main(["publish", str(settings), *place, "--keys", str(tmp_path / "repo" / "keys")]) == 2
    assert "where everybody could fetch the keys" in capsys.readouterr().err
    monkeypatch.setenv(PASSPHRASE, "another passphrase")
    assert main(["publish", str(settings), *place]) == 2
    assert "cannot be opened with this passphrase" in capsys.readouterr().err
    mode = (tmp_path / "repo-keys" / "root.pem").stat().st_mode
    assert mode & 0o077 == 0
    assert b"ENCRYPTED" in (tmp_path / "repo-keys" / "root.pem").read_bytes()


def test_numbers_count_up_over_what_was_withdrawn_and_that_never_comes_back(tmp_path: Path) -> None:
    repository, file = signed_files(tmp_path / "repo"), tmp_path / "calm.json"

    def offer(confidence: float) -> int:
        file.write_text(json.dumps({"min_confidence": confidence}))
        return publish(repository, Publication(file, "calm", "canary"), []).version

    def offered() -> object:
        entry = repository.targets.get("canary/calm")
        return entry and entry.custom["version"]

    assert [offer(0.6), offer(0.7), offer(0.7)] == [1, 2, 2]
    revoke(repository, "calm")
    assert (offered(), offer(0.8)) == (1, 3)  # bins that gave the second one up would not take its number again
    for left in (1, None):
        revoke(repository, "calm")
        assert offered() == left
    assert [offer(0.8), offer(0.6)] == [4, 5]
    revoke(repository, "calm")
    assert offered() == 4


@pytest.mark.parametrize("key", ["root", "targets", "online"])
def test_a_rotation_that_was_cut_short_is_made_good_by_the_next(tmp_path: Path, key: str) -> None:
    repository, file = signed_files(tmp_path / "repo"), tmp_path / "calm.json"
    file.write_text("{}")
    before = repository.trusted(key)
    with patch.object(SignedFiles, "_write", side_effect=KeyboardInterrupt), pytest.raises(KeyboardInterrupt):
        repository.rotate(key)
    publish(repository, Publication(file, "calm", "canary"), [])
    assert repository.trusted(key) == before
    repository.rotate(key)
    publish(repository, Publication(file, "calm", "canary"), [])
    assert not repository.trusted(key) & before


def test_another_repositorys_keys_sign_nothing(tmp_path: Path) -> None:
    repository, file = signed_files(tmp_path / "repo"), tmp_path / "calm.json"
    file.write_text("{}")
    signed_files(tmp_path / "other")
    strange = SignedFiles(tmp_path / "repo", KeyFolder(tmp_path / "other-keys", lambda _: TEST_PASSPHRASE))
    for act in (strange.refresh, lambda: publish(strange, Publication(file, "calm", "canary"), [])):
        with pytest.raises(SettingsError, match="is no key of this repository"):
            act()
    assert repository.targets == {}


def test_a_model_that_is_offered_again_has_its_golden_pictures_though_both_have_the_same(tmp_path: Path) -> None:
    repository, golden = signed_files(tmp_path / "repo"), golden_folder(tmp_path / "golden")
    for version in "ab":
        model = another_model(tmp_path / f"{version}.tflite", "net", version=version)
        publish(repository, Publication(model, "net", "canary", golden=golden), [])
    revoke(repository, "net")
    assert {place: one.custom["version"] for place, one in repository.targets.items()} == {
        "canary/net": 1,
        "canary/net.golden": 1,
    }
    assert not [path.name for path in repository.folder.iterdir() if path.is_file() and path.name != "root.json"]
