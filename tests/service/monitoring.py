"""Steps: status line, journal and sandbox of the running service."""

import re
from pathlib import Path

from tests.service.install_target import InstallTarget
from tests.service.service import expect

UNITS = ("sorter", "sorter-page", "sorter-link", "sorter-update")
SECURITY_PAGE = Path(__file__).parents[2] / "docs" / "security.md"
MOST_EXPOSED = 2.5
ITEM_FIELDS = {"EXTRA_ITEM", "EXTRA_LABEL", "EXTRA_BIN", "EXTRA_CONFIDENCE", "EXTRA_REASON"}


def status_line(target: InstallTarget) -> str:
    """``systemctl status`` has a status line with the number of items."""
    text = target.machine.run("systemctl status sorter --no-pager")
    found = re.search(r'Status: "(.+)"', text)
    expect(found, f"systemctl status has no status line:\n{text}")
    assert found is not None
    expect("items sorted" in found[1], f"the status line does not count the items: {found[1]}")
    return found[1]


def journal_fields(target: InstallTarget) -> str:
    """Items can be found in the journal by their bin, and have all fields."""
    event = target.service.wait_for_item()
    text = target.machine.run(f"journalctl --quiet --unit sorter --output json EXTRA_BIN={event['bin']}")
    expect(text.strip(), f"journalctl EXTRA_BIN={event['bin']} finds nothing")
    line = next(line for line in reversed(target.service.journal()) if "EXTRA_ITEM" in line.fields)
    missing = ITEM_FIELDS - set(line.fields)
    expect(not missing, f"the line {line.text!r} lacks {sorted(missing)}")
    expect(
        line.fields.get("PRIORITY") == "6", f"an item is logged with PRIORITY={line.fields.get('PRIORITY')}; expected 6"
    )
    return line.text


def verify(target: InstallTarget) -> str:
    """``systemd-analyze verify`` and ``udevadm verify`` report nothing."""
    code, text = target.machine.attempt(f"systemd-analyze verify {' '.join(_path(unit) for unit in UNITS)}")
    expect(code == 0 and not text.strip(), f"systemd-analyze verify: exit code {code}: {text}")
    code, text = target.machine.attempt("udevadm verify --no-style --no-summary /etc/udev/rules.d/60-sorter.rules")
    if "Unknown command verb" in text:
        return "nothing reported for the units; this release's udevadm cannot verify rules"
    expect(code == 0 and not text.strip(), f"udevadm verify: exit code {code}: {text}")
    return "nothing reported for units and rules"


def exposure(target: InstallTarget) -> str:
    """``systemd-analyze security`` gives each unit an exposure of at most ``MOST_EXPOSED``."""
    given = {unit: _exposure(target, unit) for unit in UNITS}
    if 'VERSION_ID="13"' in target.machine.run("cat /etc/os-release"):
        said = tuple(re.findall(r"exposure ([0-9.]+) by", SECURITY_PAGE.read_text()))
        expect(said == tuple(given.values()), f"exposure {given}; docs/security.md says {said}")
    return ", ".join(f"{unit} {figure}" for unit, figure in given.items())


def _exposure(target: InstallTarget, unit: str) -> str:
    _, text = target.machine.attempt(f"systemd-analyze security --offline=true --no-pager {_path(unit)}")
    found = re.search(r"Overall exposure level for .*: ([0-9.]+)", text)
    expect(found, f"systemd-analyze security gives no figure for {unit}:\n{text[-1000:]}")
    assert found is not None
    expect(float(found[1]) <= MOST_EXPOSED, f"{unit}: exposure {found[1]}; expected at most {MOST_EXPOSED}")
    return found[1]


def _path(unit: str) -> str:
    return f"/etc/systemd/system/{unit}.service"
