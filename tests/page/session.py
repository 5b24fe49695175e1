"""A session of the bin's owner without a browser, for what speaks HTTP itself."""

import http.client
import json
import re
from contextlib import closing
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from tests.page.password import NAME, PASSWORD

TIMEOUT_S = 60.0


def log_in(address: str, file: Path) -> str:
    """Come with the code of the first visit; the cookie, ``name=value``.

    Args:
        address: as the page prints it, with the code.
        file: gets the cookie, as a browser's session is kept by Playwright.
    """
    parts = urlsplit(address)
    form = {"code": parse_qs(parts.query)["code"][0], "name": NAME, "password": PASSWORD, "again": PASSWORD}
    with closing(http.client.HTTPConnection(parts.netloc, timeout=TIMEOUT_S)) as connection:
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        connection.request("POST", "/first-visit", urlencode(form), headers)
        answer = connection.getresponse()
        cookie = answer.headers.get("Set-Cookie", "")
    found = re.match(r"([^=;]+)=([^;]+)", cookie)
    assert answer.status == 303, answer.status
    assert found is not None, cookie
    file.write_text(json.dumps({"cookies": [{"name": found[1], "value": found[2]}]}), encoding="utf-8")
    return found[0]
