"""``python -m tests.wheel FOLDER``: a fresh environment with the wheel and what pip resolves for it, nothing else."""

import sys
import tempfile
from pathlib import Path

from tests.wheel.installation import build_wheel, call

if __name__ == "__main__":
    environment = Path(sys.argv[1]).absolute()
    call(sys.executable, "-m", "venv", "--clear", str(environment), cwd=Path.cwd())
    with tempfile.TemporaryDirectory() as folder:
        wheel = build_wheel(Path(folder))
        pip = (str(environment / "bin" / "python"), "-m", "pip", "--quiet", "--disable-pip-version-check")
        call(*pip, "install", str(wheel), cwd=Path(folder))
