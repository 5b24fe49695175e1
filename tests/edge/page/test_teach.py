"""Teach: looks are taken of the paused bin, taught, fitted, used and taken back by the commands of the sorter."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from edge.bin_socket.messages import TrayPicture
from edge.bin_socket.protocol import Action
from edge.errors import RefusedError, UnavailableError
from edge.page.access.roles import Role
from edge.page.bin_settings import BinSettings
from edge.page.teach import lessons
from tests.builders.page import SETTINGS, FakeBin, PageRig

TAUGHT = {"label": "cup", "pictures": 3, "bin": None, "cut_off": 1, "dark": 0, "near_duplicates": 0}

BIN = {
    "capture_before": None,
    "capture_after_range": [0.5, 0.9],
    "contamination_before": 0.25,
    "contamination_after_range": None,
}

FIGURES = {
    "head": "new.head",
    "accuracy_range": [0.8, 0.95],
    "accuracy_before": 0.0,
    "old": {"before": 0.9, "after": 0.89},
    "bins": {"glass": BIN},
    "warnings": ["few pictures"],
}


class FakeSorter:
    """What ``sorter teach`` would do.

    Attributes:
        answers: action -> what it prints, or raises.
        asked: action and arguments of each call.
        looks: content of the looks that were taught.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {"list": [TAUGHT], "fit": FIGURES}
        self.asked: list[tuple[str, list[str]]] = []
        self.looks: list[bytes] = []

    async def __call__(
        self, settings: BinSettings, command: Sequence[str], arguments: Sequence[str], **_: object
    ) -> object:
        self.asked.append((command[1], [one for one in arguments if one != "--json"]))
        if command[1] == "seen":
            self.looks = [Path(one).read_bytes() for one in arguments[3:]]
        answer = self.answers.get(command[1], {})
        if isinstance(answer, Exception):
            raise answer
        return answer


def look(things: int = 1, box: Sequence[float] = (0.4, 0.4, 0.6, 0.6)) -> TrayPicture:
    item = {"number": 1, "box": list(box), "outline": [], "things": things}
    header: Any = {"sequence": 1, "region": [0.1, 0.1, 0.9, 0.9], "item": item, "mask": "iVBO"}
    return TrayPicture(header, b"\xff\xd8 a look")


@pytest.fixture
def sorter(monkeypatch: pytest.MonkeyPatch) -> FakeSorter:
    found = FakeSorter()
    monkeypatch.setattr(lessons, "run_sorter", found)
    monkeypatch.setattr(lessons, "sorter_lines", found)
    return found


@pytest.fixture
def bin_() -> FakeBin:
    found = FakeBin()
    found.picture = look()
    return found


@pytest.fixture
def page(tmp_path: Path, bin_: FakeBin, sorter: FakeSorter) -> PageRig:
    return PageRig(tmp_path, settings=dataclasses.replace(SETTINGS, config=tmp_path / "config.yaml"), bin_link=bin_)


def test_a_label_is_taught_from_looks_and_the_bin_goes_on(page: PageRig, bin_: FakeBin, sorter: FakeSorter) -> None:
    client = page.visitor(Role.TEACH)
    assert client.post("/teach/begin", data={"label": " Cup "}).headers["location"] == "/teach/looks"
    assert client.post("/teach/looks/take").headers["location"] == "/teach/looks"
    bin_.picture = look(box=(0.1, 0.4, 0.6, 0.6))
    script = client.post("/teach/looks/take", headers={"Accept": "application/json"})
    assert script.json() == {"number": 2, "problem": "cut off at the edge"}
    assert client.get("/teach/looks/2.jpg").content == b"\xff\xd8 a look"
    assert client.get("/teach/looks/3.jpg").status_code == 404
    assert client.post("/teach/looks/end", data={"do": "keep"}).headers["location"] == "/teach?done=seen"
    assert (sorter.asked[-1][0], sorter.asked[-1][1][1]) == ("seen", "cup")  # as it is spelt already
    assert [one.partition(b"\n")[2] for one in sorter.looks] == [b"\xff\xd8 a look"] * 2
    assert [one[0] for one in bin_.asked] == [Action.PAUSE, Action.LOOK, Action.LOOK, Action.GO_ON]
    assert not Path(sorter.asked[-1][1][-1]).exists()
    assert client.get("/teach/looks").headers["location"] == "/teach"


def test_giving_up_teaches_nothing_and_the_bin_goes_on(page: PageRig, bin_: FakeBin, sorter: FakeSorter) -> None:
    client = page.visitor(Role.TEACH)
    client.post("/teach/begin", data={"label": "cup"})
    client.post("/teach/looks/take")
    assert "done=given-up" in client.post("/teach/looks/end", data={"do": "drop"}).headers["location"]
    assert "seen" not in [one[0] for one in sorter.asked]
    assert bin_.asked[-1][0] is Action.GO_ON


@pytest.mark.parametrize(
    ("picture", "said"),
    [(look(things=2), "one at a time"), (None, "at rest"), (TrayPicture({**look().header, "item": None}, b""), "lies still")],
)  # fmt: skip
def test_what_nothing_can_be_learnt_from_is_said(
    page: PageRig, bin_: FakeBin, picture: TrayPicture | None, said: str
) -> None:
    client = page.visitor(Role.TEACH)
    client.post("/teach/begin", data={"label": "cup"})
    bin_.picture = picture
    assert said in client.post("/teach/looks/take").text
    assert said in client.post("/teach/looks/take", headers={"Accept": "application/json"}).json()["problem"]


def test_looks_stay_until_they_could_be_taught(page: PageRig, sorter: FakeSorter) -> None:
    client = page.visitor(Role.TEACH)
    client.post("/teach/begin", data={"label": "cup"})
    client.post("/teach/looks/take")
    sorter.answers["seen"] = UnavailableError("the disk is full")
    assert "the disk is full" in client.post("/teach/looks/end", data={"do": "keep"}).text
    assert client.get("/teach/looks/1.jpg").status_code == 200


def test_a_bin_that_does_not_pause_is_not_taught(page: PageRig, bin_: FakeBin) -> None:
    bin_.answers[Action.PAUSE] = RefusedError("the bin is busy")
    client = page.visitor(Role.TEACH)
    assert "the bin is busy" in client.post("/teach/begin", data={"label": "cup"}).text
    assert client.get("/teach/looks").headers["location"] == "/teach"


@pytest.mark.parametrize("label", ["", "a/b", "..", "x" * 65])
def test_not_everything_is_a_label(page: PageRig, bin_: FakeBin, label: str) -> None:
    assert "cannot be a label" in page.visitor(Role.TEACH).post("/teach/begin", data={"label": label}).text
    assert bin_.asked == []


def test_figures_are_shown_before_a_head_is_used(page: PageRig, sorter: FakeSorter) -> None:
    client = page.visitor(Role.TEACH)
    assert client.post("/teach/do", data={"do": "use"}).status_code == 400
    client.post("/teach/do", data={"do": "fit"})
    shown = client.get("/teach").text
    for expected in (
        "80 % to 95 %",
        "90.0 % before, 89.0 % after",
        "50 % – 90 %",
        "25 %",
        "few pictures",
        "has no bin",
    ):
        assert expected in shown
    assert client.post("/teach/do", data={"do": "use"}).headers["location"] == "/teach?done=use"
    assert sorter.asked[-1][1][-1].endswith("new.head")
    assert client.post("/teach/do", data={"do": "use"}).status_code == 400  # nothing new since
    assert page.door.audit.newest(1)[0]["what"] == "used what was taught"


def test_a_head_that_costs_too_much_is_not_offered(page: PageRig, sorter: FakeSorter) -> None:
    sorter.answers["fit"] = {**FIGURES, "head": None}
    client = page.visitor(Role.TEACH)
    client.post("/teach/do", data={"do": "fit"})
    shown = client.get("/teach").text
    assert "cannot be used" in shown
    assert 'value="use"' not in shown


@pytest.mark.parametrize(("do", "arguments"), [("undo", ["--"]), ("back", ["--"]), ("drop", ["--", "--for-good"])])
def test_what_was_done_can_be_taken_back(page: PageRig, sorter: FakeSorter, do: str, arguments: list[str]) -> None:
    client = page.visitor(Role.TEACH)
    client.post("/teach/do", data={"do": do, "label": "--for-good"})
    assert sorter.asked[-1] == (do, arguments)
    sorter.answers[do] = UnavailableError("no head is in use")
    assert "no head is in use" in client.post("/teach/do", data={"do": do}).text


def test_only_who_may_teach_may(page: PageRig, bin_: FakeBin) -> None:
    client = page.visitor(Role.LOOK)
    assert client.get("/teach").status_code == 403
    assert client.post("/teach/begin", data={"label": "cup"}).status_code == 403
    assert bin_.asked == []
