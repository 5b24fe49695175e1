"""What a page costs on the way: bytes as they are sent, by the browser's own count."""

from typing import Any

from playwright.sync_api import Page

PICTURES = frozenset({"Image"})


class Traffic:
    """Counts what comes from now on.

    Args:
        page: in a window in which nothing was opened yet.

    Attributes:
        pictures, other: bytes of answers with their headers, compressed as they were sent.
        messages: bytes of texts on WebSockets.
    """

    def __init__(self, page: Page) -> None:
        self.pictures = 0
        self.other = 0
        self.messages = 0
        self._kinds: dict[str, str] = {}
        self.session = page.context.new_cdp_session(page)
        self.session.on("Network.responseReceived", self._note_kind)
        self.session.on("Network.loadingFinished", self._add)
        self.session.on("Network.webSocketFrameReceived", self._add_message)
        self.session.send("Network.enable")

    def _note_kind(self, told: dict[str, Any]) -> None:
        self._kinds[told["requestId"]] = told["type"]

    def _add(self, told: dict[str, Any]) -> None:
        size = int(told["encodedDataLength"])
        if self._kinds.get(told["requestId"]) in PICTURES:
            self.pictures += size
        else:
            self.other += size

    def _add_message(self, told: dict[str, Any]) -> None:
        frame = told["response"]
        if frame["opcode"] == 1:  # a text; pictures are binary
            self.messages += len(frame["payloadData"].encode())
