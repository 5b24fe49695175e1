"""Has Wapiti attack the page of a simulated bin, as its owner and as a stranger: ``python -m tests.page.scan WAPITI``.

Prints what it found, and ends with 1 if there is anything, or if an item was lost meanwhile (``make scan-page``).
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

from edge.terminal.output import say
from tests.page.session import log_in
from tests.page.simulated_bin import BinWithPage, simulated_bin

MODULES = (
    *("backup", "cookieflags", "crlf", "csp", "csrf", "exec", "file", "htaccess", "http_headers", "ldap", "methods"),
    *("permanentxss", "redirect", "shellshock", "spring4shell", "sql", "timesql", "upload", "xss"),
)
"""What is tried. Left out is what calls a server of Wapiti's (ssrf, xxe, log4shell), and what knows other products."""

LEFT_OUT = ("/log-out", "/account/log-out-everywhere", "/account/password", "/accounts/remove", "/accounts/password")
"""What would end the session that the scanner has."""

NO_FINDINGS = {
    "Cross Site Request Forgery: POST /language ": "another site's Origin is refused",
    "Cross Site Request Forgery: POST /log-in ": "the same",
    "Secure flag is not set in the cookie": "it is scanned without TLS; with TLS the flag is set",
}
"""What Wapiti says of every page like this -> why it is none."""

LEAST_PAGES = 50
"""Pages and forms that the owner can reach at least; a stranger sees eight."""

ITEMS = 20

SECONDS = 600
"""For finding pages; and for all attacks together, which share it."""


def scan(wapiti: Path, one: BinWithPage, folder: Path, *, cookie: str | None, name: str) -> list[str]:
    """Scan the page.

    Args:
        wapiti: the program.
        one: a bin whose page runs.
        folder: for its reports.
        cookie: of the session; None: as a stranger.
        name: of the report.

    Returns:
        What was found: kind, request, and what is wrong.
    """
    report = folder / f"{name}.json"
    address = f"http://127.0.0.1:{one.port}"  # by its name no cookie would be sent: it has no domain
    command = [str(wapiti), "--url", f"{address}/", "--module", ",".join(MODULES), "--scope", "domain"]
    command += ["--format", "json", "--output", str(report), "--flush-session", "--no-bugreport", "--verbose", "0"]
    command += ["--store-session", str(folder / name), "--store-config", str(folder / "config")]
    command += ["--max-scan-time", str(SECONDS), "--max-attack-time", str(SECONDS // len(MODULES))]
    command += [part for path in LEFT_OUT for part in ("--exclude", f"{address}{path}")]
    command += [] if cookie is None else ["--cookie-value", cookie]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, timeout=3 * SECONDS)
    found = json.loads(report.read_bytes())
    pages = found["infos"]["crawled_pages_nbr"]
    say(f"{name}: {pages} pages and forms", flush=True)
    # Else it was not let in, and has found nothing for that.
    assert pages >= (LEAST_PAGES if cookie else 1), pages
    told = [
        f"{name}: {kind}: {one['method']} {one['path']} {one['parameter']}: {one['info']}"
        for group in ("vulnerabilities", "anomalies")
        for kind, entries in found[group].items()
        for one in entries
    ]
    return [line for line in told if not any(known in line for known in NO_FINDINGS)]


def main() -> int:
    """Scan, and say what was found."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("wapiti", type=Path, help="the program, of an environment of its own")
    wapiti = parser.parse_args().wapiti
    with tempfile.TemporaryDirectory() as state, simulated_bin(Path(state), speed=1) as one:
        folder = Path(state) / "reports"
        folder.mkdir()
        one.sort(ITEMS)
        one.start_loop()
        cookie = log_in(one.start_page(), folder / "cookies.json")
        found = scan(wapiti, one, folder, cookie=None, name="stranger")
        found += scan(wapiti, one, folder, cookie=cookie, name="owner")
        one.stop()
        one.sort(ITEMS)
    for line in found:
        say(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
