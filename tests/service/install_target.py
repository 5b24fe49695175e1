"""What all steps work on: the container, the service in it, and copies of the project to install."""

import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from tests.service.nspawn import NspawnMachine
from tests.service.service import Service, expect

HOME = "/root"


@dataclass(frozen=True)
class InstallTarget:
    """A machine to install on.

    Attributes:
        machine: the container; it is running.
        service: the sorter in it.
        project: the root of this project.
    """

    machine: NspawnMachine
    service: Service
    project: Path

    def copy_project(self, name: str, changes: dict[str, tuple[str, str]] | None = None) -> str:
        """Copy the project's files that git knows into the container, as an archive of it would contain them.

        Args:
            name: name of the folder.
            changes: path -> (old text, new text) replaced in that file.

        Returns:
            Path of the folder in the container.
        """
        there = self.machine.root / HOME.strip("/") / name
        listing = ["git", "-C", str(self.project), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        names = subprocess.run(listing, check=True, capture_output=True, text=True).stdout.split("\0")
        for file in filter(None, names):
            source = self.project / file
            if source.is_file():
                (there / file).parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, there / file)
        for file, (old, new) in (changes or {}).items():
            text = (there / file).read_text()
            expect(text.count(old) == 1, f"{file}: expected {old!r} once, found it {text.count(old)} times")
            (there / file).write_text(text.replace(old, new))
        return f"{HOME}/{name}"

    def pid(self, unit: str) -> int:
        """Process of a service in the container; 0: it does not run."""
        return int(self.machine.run(f"systemctl show {unit} --value --property MainPID"))

    def memory_mb(self, unit: str) -> int:
        """Memory of a service's process, in MB: its proportional set size."""
        rollup = self.machine.run(f"cat /proc/{self.pid(unit)}/smaps_rollup")
        found = re.search(r"^Pss:\s+(\d+) kB", rollup, flags=re.MULTILINE)
        expect(found, f"smaps_rollup has no Pss:\n{rollup}")
        assert found is not None
        return round(int(found[1]) / 1000)

    def listing(self, *folders: str, times: bool = True) -> set[str]:
        """Paths in folders of the container with kind, owner, mode and link target; with ``times`` also size and time."""
        form = "%p %y %u %g %m %l" + (" %s %T@" if times else "")
        return set(self.machine.run(f"find {' '.join(folders)} -printf '{form}\\n' 2>/dev/null || true").splitlines())
