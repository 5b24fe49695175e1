"""A wheel made of the sources, by way of a source archive, and an environment in which it is installed."""

import shutil
import site
import subprocess
import sys
import sysconfig
import tarfile
from dataclasses import dataclass
from pathlib import Path

from tests.paths import ROOT

SOURCES = ("edge", "hardware", "train", "convert", "pyproject.toml", "README.md", "LICENSE", "config.yaml", "examples")


@dataclass(frozen=True)
class Installation:
    """Where the wheel is installed.

    Attributes:
        commands: the folder of its programs.
    """

    commands: Path

    def run(self, program: str, *arguments: str, cwd: Path) -> "subprocess.CompletedProcess[str]":
        """Run one of its programs in a folder, as a person at a shell there would: nothing leads to the sources."""
        environment = {"PATH": f"{self.commands}:/usr/bin:/bin", "COLUMNS": "120", "LANG": "C.UTF-8", "HOME": str(cwd)}
        return subprocess.run(
            [self.commands / program, *arguments],
            cwd=cwd,
            env=environment,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )


def build_wheel(folder: Path) -> Path:
    """Sources -> source archive -> wheel, all below ``folder``, without a network; the checkout stays as it is."""
    sources = folder / "sources"
    sources.mkdir(parents=True)
    for name in SOURCES:
        if (ROOT / name).is_dir():
            # As git has them: links stay links.
            shutil.copytree(ROOT / name, sources / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, sources / name)
    made = "from setuptools.build_meta import build_sdist; build_sdist('..')"
    call(sys.executable, "-c", made, cwd=sources)
    (archive,) = folder.glob("*.tar.gz")
    with tarfile.open(archive) as tar:
        tar.extractall(folder / "unpacked", filter="data")
    (unpacked,) = (folder / "unpacked").iterdir()
    call(*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(folder), str(unpacked), cwd=folder)
    (wheel,) = folder.glob("*.whl")
    return wheel


def install_beside_this(wheel: Path, folder: Path) -> Installation:
    """Install it into an environment of its own that borrows the packages it needs from the one that runs the tests."""
    call(sys.executable, "-m", "venv", "--without-pip", str(folder), cwd=folder.parent)
    python = folder / "bin" / "python"
    call(*PIP, "--python", str(python), "install", "--no-deps", "--no-index", "--no-compile", str(wheel), cwd=folder)
    # Only now, or pip would find what is installed there. Files of that kind in it are not read, so that nothing leads to
    # the sources.
    packages = Path(sysconfig.get_path("purelib", vars={"base": str(folder), "platbase": str(folder)}))
    (packages / "borrowed.pth").write_text("\n".join(dict.fromkeys(site.getsitepackages())) + "\n")
    return Installation(folder / "bin")


PIP = (sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check")


def call(*command: str, cwd: Path) -> None:
    """Run a command; what it says is shown when it fails."""
    done = subprocess.run(command, cwd=cwd, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"{' '.join(command)}\n{done.stdout}\n{done.stderr}"
