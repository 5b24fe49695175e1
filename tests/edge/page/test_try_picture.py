"""Try a picture: what is taken and refused, and what is shown of it."""

import dataclasses
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from edge.errors import UnavailableError
from edge.page.access.roles import Role
from edge.page.bin_settings import BinSettings
from edge.page.try_picture import trial as trial_module
from edge.page.try_picture.trial import MOST_BYTES
from tests.builders.page import SETTINGS, PageRig

JPEG = b"\xff\xd8\xff and so on"

ANSWER = {
    "label": "glass",
    "confidence": 0.91,
    "probabilities": {"metal": 0.09, "glass": 0.91},
    "bin": "glass",
    "reason": "confident",
}


class FakeClassifier:
    """What ``sorter classify`` would do.

    Attributes:
        answer: what it says, or raises.
        asked: its arguments, and the pictures it was given.
    """

    def __init__(self) -> None:
        self.answer: dict[str, Any] | Exception = ANSWER
        self.asked: list[tuple[list[str], bytes]] = []

    async def __call__(
        self, settings: BinSettings, command: Sequence[str], arguments: Sequence[str], **limits: object
    ) -> dict[str, Any]:
        path = Path(arguments[-1])
        self.asked.append((list(arguments), path.read_bytes()))
        if isinstance(self.answer, Exception):
            raise self.answer
        for kind in ("view", "looked"):
            path.with_suffix(f".{kind}.png").write_bytes(kind.encode())
        return self.answer


@pytest.fixture
def classifier(monkeypatch: pytest.MonkeyPatch) -> FakeClassifier:
    found = FakeClassifier()
    monkeypatch.setattr(trial_module, "run_sorter", found)
    return found


@pytest.fixture
def page(tmp_path: Path) -> PageRig:
    return PageRig(
        tmp_path,
        settings=dataclasses.replace(SETTINGS, config=tmp_path / "config.yaml", head_file=tmp_path / "taught.head"),
    )


def test_label_probabilities_bin_and_views_are_shown(page: PageRig, classifier: FakeClassifier) -> None:
    client = page.visitor(Role.LOOK)
    answer = client.post("/try", files={"picture": ("../../etc/x.jpg", JPEG)})
    shown = client.get(answer.headers["location"]).text
    assert "91 %" in shown
    assert [client.get(one).content for one in re.findall(r'src="(/try/[^"]+)"', shown)] == [b"view", b"looked"]
    (arguments, content) = classifier.asked[0]
    assert content == JPEG
    assert not Path(arguments[-1]).exists()  # nothing is left of it
    assert "--head" not in arguments


def test_the_head_in_use_answers(page: PageRig, classifier: FakeClassifier, tmp_path: Path) -> None:
    (tmp_path / "taught.head").touch()
    page.visitor().post("/try", files={"picture": ("x", JPEG)})
    arguments, _ = classifier.asked[0]
    assert arguments[arguments.index("--head") + 1] == str(tmp_path / "taught.head")


@pytest.mark.parametrize("content", [b"", b"GIF89a", b"<svg/>", b"\x00\x00\x00\x18ftypheic"])
def test_only_jpeg_and_png_are_taken(page: PageRig, classifier: FakeClassifier, content: bytes) -> None:
    assert page.visitor().post("/try", files={"picture": ("x.jpg", content)}).status_code == 400
    assert page.visitor().post("/try", data={"picture": "no file"}).status_code == 400
    assert classifier.asked == []


def test_a_picture_is_bounded_in_bytes(page: PageRig, classifier: FakeClassifier) -> None:
    client = page.visitor()
    assert client.post("/try", files={"picture": ("x", JPEG + bytes(200_000))}).status_code == 303
    assert client.post("/try", files={"picture": ("x", JPEG + bytes(MOST_BYTES + 20_000))}).status_code == 413


def test_why_it_did_not_work_is_said(page: PageRig, classifier: FakeClassifier) -> None:
    client = page.visitor()
    classifier.answer = {"path": "x", "error": "the JPEG is damaged"}
    assert "the JPEG is damaged" in client.post("/try", files={"picture": ("x", JPEG)}).text
    classifier.answer = UnavailableError("gave no answer in 30 s")
    answer = client.post("/try", files={"picture": ("x", JPEG)})
    assert (answer.status_code, "gave no answer" in answer.text) == (503, True)


def test_a_result_has_a_name_that_must_be_known(page: PageRig) -> None:
    client = page.visitor()
    assert client.get("/try/x/view.png").status_code == 404
    assert "no longer kept" in client.get("/try?result=x").text


def test_a_form_of_another_session_is_refused(page: PageRig, classifier: FakeClassifier) -> None:
    client = page.visitor()
    client.headers["X-CSRF-Token"] = "wrong"
    assert client.post("/try", files={"picture": ("x", JPEG)}).status_code == 403
    assert classifier.asked == []


@pytest.mark.parametrize(("pixels", "status"), [((40, 60), 303), ((4001, 4000), 400)])
def test_the_real_command_is_asked_within_its_bounds(
    tmp_path: Path, config_file: Path, pixels: tuple[int, int], status: int
) -> None:
    import cv2
    import numpy as np

    _, png = cv2.imencode(".png", np.full((*pixels, 3), 90, np.uint8))
    page = PageRig(tmp_path, settings=dataclasses.replace(SETTINGS, config=config_file))
    answer = page.visitor().post("/try", files={"picture": ("x.png", png.tobytes())})
    assert answer.status_code == status, answer.text
