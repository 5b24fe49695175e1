"""Debian's Prometheus, which fetches the figures of the bins that have a process."""

import json
import shutil
import subprocess
import urllib.parse
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

import yaml

PROGRAM = shutil.which("prometheus")


class PrometheusServer:
    """One that runs.

    Args:
        folder: for all that it keeps.
        port: where it listens.
        bins: name of each bin -> port of its figures.
    """

    def __init__(self, folder: Path, port: int, bins: Mapping[str, int]) -> None:
        assert PROGRAM is not None
        self._address = f"http://127.0.0.1:{port}"
        targets = [{"targets": [f"127.0.0.1:{one}"], "labels": {"bin_name": name}} for name, one in bins.items()]
        scraped = {"job_name": "sorter", "scrape_interval": "5s", "static_configs": targets}
        config = folder / "prometheus.yml"
        config.write_text(yaml.safe_dump({"scrape_configs": [scraped]}))
        self._process = subprocess.Popen(
            [
                PROGRAM,
                f"--config.file={config}",
                f"--storage.tsdb.path={folder / 'prometheus'}",
                f"--web.listen-address=127.0.0.1:{port}",
                "--log.level=error",
            ]
        )

    def value(self, expression: str) -> float | None:
        """What an expression is now; None: nothing, or it does not answer."""
        query = urllib.parse.urlencode({"query": expression})
        with suppress(OSError):
            with urllib.request.urlopen(f"{self._address}/api/v1/query?{query}", timeout=10) as answer:
                found = json.load(answer)["data"]["result"]
            return float(found[0]["value"][1]) if found else None
        return None

    def close(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait(30)
