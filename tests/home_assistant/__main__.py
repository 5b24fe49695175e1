"""``python -m tests.home_assistant FOLDER`` makes a Debian 13 with Home Assistant in it, unless it is there.

Home Assistant needs a newer Python than the bin; its packages come from the package index as wheels. Needs root and a Debian
mirror.
"""

import shutil
import sys
from pathlib import Path

from tests.paths import ROOT
from tests.service.rootfs import make_archive, unpack
from tests.service.shell import call, get_tools

PYTHON = "3.13.5"
"""Of Debian 13."""

HOME_ASSISTANT = "homeassistant>=2026.2,<2026.3"
"""The last that this Python runs."""

MQTT = "paho-mqtt==2.1.0"
"""What its MQTT integration asks for."""

OVERRIDES = "lru-dict>=1.4\npyric; python_version < '3'\n"
"""The first has no wheel for this Python in the release that is asked for, the second none at all; nothing of MQTT needs it."""

SITE = "opt/home-assistant"


def main(folder: Path) -> int:
    """Make it."""
    root = folder / "root"
    if (root / SITE / "homeassistant").is_dir():
        return 0
    get_tools()
    (ROOT / ".cache/service").mkdir(parents=True, exist_ok=True)
    archive, _ = make_archive(ROOT / ".cache/service", "trixie")
    shutil.rmtree(folder, ignore_errors=True)
    unpack(archive, root)
    overrides = folder / "overrides.txt"
    overrides.write_text(OVERRIDES)
    call(
        [
            *(Path(sys.executable).with_name("uv"), "pip", "install", "--system-certs", "--target", root / SITE),
            *("--python-version", PYTHON, "--python-platform", "x86_64-manylinux_2_28", "--only-binary", ":all:"),
            *("--override", overrides, HOME_ASSISTANT, MQTT),
        ],
        timeout_s=1200,
    )
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
