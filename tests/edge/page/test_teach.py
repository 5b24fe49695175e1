"""Teach: looks are taken of the paused bin, taught, fitted, used and taken back by the commands of the sorter."""

import dataclasses
import html
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from edge.bin_socket.messages import TrayPicture
from edge.bin_socket.protocol import Action
from edge.cli import build_parser
from edge.errors import RefusedError, UnavailableError
from edge.page.access.roles import Role
from edge.page.bin_settings import BinSettings
from edge.page.teach import lessons
from edge.page.teach.routes import DONE
from edge.page.teach.showing import Showing
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
    "accuracy_later": 0.75,
    "accuracy_before": 0.0,
    "old": {"before": 0.9, "after": 0.89, "after_unseen": 0.87},
    "bins": {"glass": BIN},
    "warnings": ["few pictures"],
}


SEEN = "/teach?done=seen&added={}&known={}&failed={}"
"""Where the page leads once looks were taught: how many were, were known, and could not be used."""


class FakeSorter:
    """What ``sorter teach`` would do.

    Attributes:
        answers: action -> what it prints, or raises.
        asked: action and arguments of each call.
        looks: content of the looks that were taught.
    """

    def __init__(self) -> None:
        self.answers: dict[str, Any] = {
            "list": [TAUGHT],
            "fit": FIGURES,
            "seen": {"added": 2, "known": 0, "errors": []},
        }
        self.asked: list[tuple[str, list[str]]] = []
        self.looks: list[bytes] = []

    async def __call__(
        self, settings: BinSettings, command: Sequence[str], arguments: Sequence[str], **_: object
    ) -> object:
        # As the program takes it: else it ends with a complaint about its arguments.
        build_parser().parse_args([*command, *arguments])
        self.asked.append((command[1], [one for one in arguments if one != "--json"]))
        if command[1] == "seen":
            self.looks = [Path(one).read_bytes() for one in arguments[3:]]
        answer = self.answers.get(command[1], {})
        if isinstance(answer, Exception):
            raise answer
        return answer


def taught_part(client: TestClient) -> str:
    """The list of what was taught, as a script gets it."""
    return str(client.get("/teach", headers={"Accept": "application/json"}).json()["parts"]["late"])


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
    assert client.post("/teach/looks/end", data={"do": "keep"}).headers["location"] == SEEN.format(2, 0, 0)
    assert (sorter.asked[-1][0], sorter.asked[-1][1][1]) == ("seen", "cup")  # as it is spelt already
    assert [one.partition(b"\n")[2] for one in sorter.looks] == [b"\xff\xd8 a look"] * 2
    assert [one[0] for one in bin_.asked] == [Action.PAUSE, Action.LOOK, Action.LOOK, Action.GO_ON]
    assert not Path(sorter.asked[-1][1][-1]).exists()
    assert client.get("/teach/looks").headers["location"] == "/teach"


def test_what_became_of_the_looks_is_said_as_the_command_says_it(page: PageRig, sorter: FakeSorter) -> None:
    client = page.visitor(Role.TEACH)
    client.post("/teach/begin", data={"label": "cup"})
    for _ in range(4):
        client.post("/teach/looks/take")
    sorter.answers["seen"] = {"added": 1, "known": 2, "errors": ["look-4: damaged"]}
    told = client.post("/teach/looks/end", data={"do": "keep"}).headers["location"]
    assert told == SEEN.format(1, 2, 1)
    said = client.get(told).text
    for expected in ("1 picture was taught.", "2 were just like others before", "1 could not be used."):
        assert expected in said
    assert page.door.audit.newest(1)[0]["what"] == "taught cup from 1 looks"


@pytest.mark.parametrize("query", [*DONE, "nothing", "seen&added=x", "seen&added=1&known=-1&failed=9999"])
def test_whatever_was_done_the_page_is_shown(page: PageRig, query: str) -> None:
    text = page.visitor(Role.TEACH).get(f"/teach?done={query}").text
    assert DONE.get(query.partition("&")[0], "<h1>Teach</h1>") in html.unescape(text)
    assert "9999" not in text


def test_looks_that_are_taken_at_once_are_all_kept() -> None:
    showing = Showing("cup")
    with ThreadPoolExecutor(8) as threads:
        taken = list(threads.map(lambda _: showing.keep(look()), range(40)))
    assert sorted(one.number for one in taken) == list(range(1, 41))
    assert len({one.path for one in showing.looks}) == 40
    showing.close()


def test_what_others_have_taught_is_shown(bin_: FakeBin, sorter: FakeSorter, tmp_path: Path) -> None:
    folder = tmp_path / "teaching"
    folder.mkdir()
    settings = dataclasses.replace(SETTINGS, config=tmp_path / "config.yaml", teaching_folder=folder)
    client = PageRig(tmp_path, settings=settings, bin_link=bin_).visitor(Role.TEACH)
    os.utime(folder, ns=(0, 1_000))
    assert "3 pictures" in taught_part(client)
    sorter.answers["list"] = [{**TAUGHT, "pictures": 5}]
    assert "3 pictures" in taught_part(client)  # nobody has taught anything
    os.utime(folder, ns=(0, 2_000))
    assert "5 pictures" in taught_part(client)


def test_the_page_does_not_wait_for_the_list_of_what_was_taught(page: PageRig, sorter: FakeSorter) -> None:
    client = page.visitor(Role.TEACH)
    assert "The bin looks it up." in client.get("/teach").text
    assert sorter.asked == []
    assert "3 pictures" in taught_part(client)
    assert "3 pictures" in client.get("/teach").text
    assert len(sorter.asked) == 1


def test_without_a_script_the_whole_page_can_be_asked_for(page: PageRig, sorter: FakeSorter) -> None:
    client = page.visitor(Role.TEACH)
    shown = client.get("/teach?whole=1").text
    assert "3 pictures" in shown
    assert '<option value="cup">' in shown
    sorter.answers["list"] = UnavailableError("the taught set is damaged")
    client.post("/teach/do", data={"do": "undo"})
    assert "the taught set is damaged" in client.get("/teach?whole=1").text
    assert "the taught set is damaged" in taught_part(client)


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
    shown = client.get("/teach?whole=1").text
    for expected in (
        "80 % to 95 %",
        "perhaps 75 %",
        "90.0 % before, 87.0 % to 89.0 % after",
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


@pytest.mark.parametrize(("do", "arguments"), [("undo", []), ("back", []), ("drop", ["--", "--for-good"])])
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
