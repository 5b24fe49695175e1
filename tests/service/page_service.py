"""Steps: the page's service beside the sorter's."""

import http.cookiejar
import re
import ssl
import time
import urllib.error
import urllib.parse
import urllib.request

from tests.service.install_target import InstallTarget
from tests.service.service import Service, expect

UNIT = "sorter-page"
ADDRESS = "https://localhost:8443"
ACCOUNT = {"name": "owner", "password": "a long word of six", "again": "a long word of six"}

BACK_S = 30.0
"""Seconds within which the page answers again after it was killed: RestartSec, its start beside other load, and a margin."""

MOST_MB = 60
"""Memory of the page after a first visit, in MB (proportional set size of its process)."""


class PageVisitor:
    """A browser without a screen: keeps cookies, and takes the bin's self-made certificate."""

    def __init__(self) -> None:
        context = ssl.create_default_context()
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=context),
            urllib.request.HTTPCookieProcessor(http.cookiejar.CookieJar()),
        )
        self._opener.addheaders = [("Accept", "text/html")]

    def get(self, path: str) -> tuple[str, str]:
        """Path that it was led to, and text of a page; ("", "") if nobody answers."""
        return self._open(urllib.request.Request(ADDRESS + path))

    def post(self, path: str, values: dict[str, str]) -> tuple[str, str]:
        """The same, after sending a form."""
        content = urllib.parse.urlencode(values).encode()
        return self._open(urllib.request.Request(ADDRESS + path, content, {"Origin": ADDRESS}))

    def _open(self, request: urllib.request.Request) -> tuple[str, str]:
        try:
            with self._opener.open(request, timeout=10) as answer:
                return urllib.parse.urlsplit(answer.url).path, answer.read().decode()
        except urllib.error.HTTPError as error:
            return urllib.parse.urlsplit(error.url).path, error.read().decode()
        except OSError:
            return "", ""


def first_visit(target: InstallTarget) -> str:
    """Whoever comes first needs the code from the journal, and sees nothing without it."""
    machine = target.machine
    state = machine.run(f"systemctl is-enabled {UNIT}").strip()
    expect(state == "enabled", f"{UNIT} is {state}: it would not start after a reboot")
    visitor = PageVisitor()
    machine.wait_for("the page answers", lambda: visitor.get("/")[0], timeout_s=BACK_S)
    for path in ("/", "/items", "/set-up"):
        led_to = visitor.get(path)[0]
        expect(led_to == "/first-visit", f"{path} leads the first visitor to {led_to}; expected /first-visit")
    code = _told(target, r"the code of the first visit is (\S+)")
    path, text = visitor.post("/first-visit", {**ACCOUNT, "code": "000000"})
    expect("This is not the code" in text, f"a wrong code is not refused ({path}): {text[-500:]}")
    path, text = visitor.post("/first-visit", {**ACCOUNT, "code": code})
    expect(path == "/", f"the right code leads to {path}: {text[-500:]}")
    owner = machine.run(f"stat -c %U /proc/{target.pid(UNIT)}").strip()
    expect(owner == "sorter", f"the page runs as {owner}; expected sorter")
    memory_mb = target.memory_mb(UNIT)
    expect(memory_mb <= MOST_MB, f"the page takes {memory_mb} MB; expected at most {MOST_MB}")
    return f"a wrong code refused, the right one let in; as sorter, {memory_mb} MB"


def lost_bin(target: InstallTarget) -> str:
    """The page says that the bin is stopped, and shows it again once it runs."""
    visitor = _logged_in()
    target.machine.wait_for("the page shows the bin", lambda: _shows_bin(visitor), timeout_s=10)
    target.machine.run("systemctl stop sorter", timeout_s=60)
    try:
        begun_s = time.monotonic()
        target.machine.wait_for("the page says that the bin is lost", lambda: not _shows_bin(visitor), timeout_s=10)
        said_s = time.monotonic() - begun_s
    finally:
        target.service.restart()
    target.machine.wait_for("the page shows the bin again", lambda: _shows_bin(visitor), timeout_s=20)
    return f"said after {said_s:.1f} s, and back when the bin was"


def killed_page(target: InstallTarget) -> str:
    """The page hangs, then is killed: the bin sorts on, and the page comes back with its account."""
    service, pid = target.service, target.service.pid
    page = target.pid(UNIT)
    target.machine.run(f"kill -STOP {page}")
    number = _count(service)
    target.machine.wait_for("an item is sorted while the page hangs", lambda: _count(service) > number, timeout_s=30)
    target.machine.run(f"kill -KILL {page}")
    begun_s = time.monotonic()
    visitor = PageVisitor()
    path = target.machine.wait_for("the page answers again", lambda: visitor.get("/")[0], timeout_s=BACK_S)
    back_s = time.monotonic() - begun_s
    expect(path == "/log-in", f"after a kill the page leads to {path}; expected /log-in: its account is lost")
    expect(service.pid == pid, "the sorter was restarted, too")
    return f"the bin sorted on; back after {back_s:.1f} s"


def _logged_in() -> PageVisitor:
    visitor = PageVisitor()
    path, text = visitor.post("/log-in", {"name": ACCOUNT["name"], "password": ACCOUNT["password"], "next": "/"})
    expect(path == "/", f"logging in leads to {path}: {text[-500:]}")
    return visitor


def _shows_bin(visitor: PageVisitor) -> bool:
    """Whether the page offers what only a bin that is there can do."""
    return 'action="/live/do"' in visitor.get("/")[1]


def _count(service: Service) -> int:
    return int(service.query("SELECT count(*) AS number FROM event WHERE outcome = 'done'")[0]["number"])


def _told(target: InstallTarget, pattern: str) -> str:
    """What the page's journal told last, by a pattern with one group."""
    text = target.machine.run(f"journalctl --quiet --unit {UNIT} --output cat --boot")
    found = re.findall(pattern, text)
    expect(found, f"the journal of {UNIT} does not tell {pattern!r}:\n{text[-1000:]}")
    return str(found[-1])
