"""The page Review: what is offered, one word for each, kept until it is taught, taken back, and nobody else's business."""

import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from edge.page.access.roles import Role
from tests.builders.page import PageRig
from tests.builders.sorted_bin import SortedBin


@pytest.fixture
def bin(tmp_path: Path) -> SortedBin:
    sorted_bin = SortedBin(tmp_path / "bin")
    sorted_bin.sort({"bin": "glass"}, {"label": "metal", "bin": "residual", "reason": "unsure"}, {"bin": "glass"})
    return sorted_bin


@pytest.fixture
def rig(tmp_path: Path, bin: SortedBin) -> PageRig:
    return PageRig(tmp_path, settings=bin.settings)


@pytest.fixture
def teacher(rig: PageRig) -> TestClient:
    return rig.visitor(Role.TEACH)


def offered(client: TestClient) -> list[str]:
    return re.findall(r'data-event="([^"]+)"', client.get("/review").text)


def said(bin: SortedBin) -> dict[int, str]:
    return {review.number: review.label for review in bin.reviews.reviews()}


def test_what_is_offered_is_shown_until_something_was_said(teacher: TestClient, bin: SortedBin) -> None:
    assert offered(teacher) == ["1-3", "1-2", "1-1"]
    answer = teacher.post("/review/say", data={"event": "1-2", "label": "Glass", "next": "/review"})
    assert (answer.status_code, answer.headers["location"]) == (303, "/review")
    assert said(bin) == {2: "glass"}  # the known label
    assert offered(teacher) == ["1-3", "1-1"]
    assert len(bin.reviews.untaught()) == 1


def test_a_script_says_one_word_for_several_and_takes_it_back(teacher: TestClient, bin: SortedBin) -> None:
    answer = teacher.post("/review/say", json={"events": ["1-1", "1-3"], "label": "paper cup"}).json()
    assert answer["label"] == "paper cup"
    assert answer["shares"]["glass"][:2] == [2, 2]
    assert said(bin) == {1: "paper cup", 3: "paper cup"}
    assert teacher.post("/review/take-back", json={"events": ["1-1", "1-3"]}).json()["taken_back"] == 2
    assert said(bin) == {}
    assert offered(teacher) == ["1-3", "1-2", "1-1"]


def test_the_estimate_counts_what_was_offered(teacher: TestClient) -> None:
    shares = teacher.post("/review/say", json={"events": ["1-1"], "label": "glass"}).json()["shares"]
    assert shares["glass"] == [1, 0, "0.0–97.5 %"]
    assert shares["metal"] == [0, 0, "–"]
    german = teacher.post(
        "/review/say", json={"events": ["1-3"], "label": "glass"}, headers={"Accept-Language": "de"}
    ).json()
    assert german["shares"]["glass"] == [2, 0, "0,0–84,2 %"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        ({"events": ["1-1"], "label": "a/b"}, 400),
        ({"events": ["1-1"], "label": ""}, 400),
        ({"events": [], "label": "glass"}, 400),
        ({"events": ["1-1"] * 61, "label": "glass"}, 400),
        ({"events": ["1-99"], "label": "glass"}, 404),
        ({"events": ["../1"], "label": "glass"}, 404),
        ({"events": [1], "label": "glass"}, 400),
        ({"events": "1-1", "label": "glass"}, 400),
        ([], 400),
    ],
)
def test_a_word_that_cannot_be_kept_is_refused_whole(
    teacher: TestClient, bin: SortedBin, body: object, status: int
) -> None:
    assert teacher.post("/review/say", json=body).status_code == status
    assert said(bin) == {}


def test_one_item_that_is_not_there_keeps_none_of_several(teacher: TestClient, bin: SortedBin) -> None:
    assert teacher.post("/review/say", json={"events": ["1-1", "1-99"], "label": "glass"}).status_code == 404
    assert said(bin) == {}


def test_a_refusal_is_in_the_visitors_language(teacher: TestClient) -> None:
    body = {"events": ["1-1"], "label": "a/b"}
    answer = teacher.post(
        "/review/say", json=body, headers={"Accept-Language": "de", "Accept": "application/json"}
    ).json()
    assert answer["error"].startswith("a/b kann keine Sorte sein")


def test_who_may_only_look_says_nothing(rig: PageRig, bin: SortedBin) -> None:
    client = rig.visitor(Role.LOOK)
    assert client.get("/review").status_code == 403
    assert client.post("/review/say", json={"events": ["1-1"], "label": "glass"}).status_code == 403
    assert said(bin) == {}


def test_without_the_sessions_token_nothing_is_kept(teacher: TestClient, bin: SortedBin) -> None:
    del teacher.headers["X-CSRF-Token"]
    assert teacher.post("/review/say", data={"event": "1-1", "label": "glass"}).status_code == 403
    assert said(bin) == {}


def test_a_form_leads_to_no_other_site(teacher: TestClient) -> None:
    form = {"event": "1-1", "label": "glass", "next": "https://evil.example/"}
    assert teacher.post("/review/say", data=form).headers["location"] == "/"


def test_what_was_said_is_in_the_list_of_changes(rig: PageRig, teacher: TestClient) -> None:
    teacher.post("/review/say", json={"events": ["1-1", "1-3"], "label": "cup"})
    newest = rig.door.audit.newest(1)[0]
    assert (newest["who"], newest["what"]) == (
        "teach",
        "said that 2 items, 1-1 to 1-3, were cup",
    )


def test_an_event_log_alone_can_be_corrected_by_nobody(page: PageRig) -> None:
    client = page.visitor()
    assert "nothing can be corrected here" in client.get("/review").text
    assert client.post("/review/say", json={"events": ["1-1"], "label": "glass"}).status_code == 400


def test_without_a_configuration_decisions_stay_apart(teacher: TestClient) -> None:
    assert teacher.post("/review/alike", json={}).status_code == 503
