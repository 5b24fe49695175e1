"""Where Debian's packages come from on this machine: what the tests that build machines of their own take."""

import re
from pathlib import Path


def find_mirror(apt: Path = Path("/etc/apt")) -> str | None:
    """The Debian mirror that apt's sources name (an address that ends with /debian); None where they name none."""
    for file in (apt / "sources.list", *sorted((apt / "sources.list.d").glob("*"))):
        if file.suffix in (".list", ".sources") and file.is_file():
            for line in file.read_text().splitlines():
                found = re.match(r"(?:deb\s+(?:\[.*?\]\s+)?|URIs:\s*)(\S+/debian)/?(?:\s|$)", line)
                if found:
                    return found[1]
    return None
