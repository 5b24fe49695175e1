"""Alerts and dashboard for many bins: sound, tested, and of figures that there are."""

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge.link.metrics import metrics_text
from tests.builders.link import REPORT, make_view
from tests.paths import ROOT

FLEET = ROOT / "docs" / "fleet"
DASHBOARD: dict[str, Any] = json.loads((FLEET / "dashboard.json").read_text(encoding="utf-8"))
ALERTS: list[dict[str, Any]] = [
    rule
    for group in yaml.safe_load((FLEET / "alerts.yml").read_text(encoding="utf-8"))["groups"]
    for rule in group["rules"]
]
EXPRESSIONS = [target["expr"] for panel in DASHBOARD["panels"] for target in panel["targets"]]

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="promtool is not here (Debian's package prometheus)"
)


def promtool(*arguments: str | Path) -> str:
    """What it prints; empty: it failed."""
    done = subprocess.run(["promtool", *map(str, arguments)], cwd=FLEET, capture_output=True, text=True, timeout=60)
    return done.stdout if done.returncode == 0 else ""


@pytest.mark.parametrize("expression", [*EXPRESSIONS, *(rule["expr"] for rule in ALERTS)])
def test_the_figures_of_an_expression_exist_with_their_labels(expression: str) -> None:
    text = metrics_text(make_view(report={**REPORT, "held": "hand"}), version="1")
    known = dict(re.findall(r"^(sorter_\w+)(?:\{(.*)\})? ", text, flags=re.MULTILINE))
    named = re.findall(r"\b(sorter_\w+)(?:\{([^}]*)\})?", expression)
    assert named
    for name, labels in named:
        assert name in known
        for label in re.findall(r"(\w+)[!=]", labels):
            assert label == "bin_name" or f"{label}=" in known[name]


def test_each_alert_says_what_it_is_about_and_how_grave_and_has_a_test() -> None:
    tested = (FLEET / "alerts-test.yml").read_text(encoding="utf-8")
    for rule in ALERTS:
        assert rule["labels"]["severity"] in ("info", "warning", "critical")
        assert "bin_name" in rule["annotations"]["summary"]
        assert re.search(rf"alertname: {rule['alert']}\n +exp_alerts:", tested), (
            f"{rule['alert']} is never seen to fire"
        )


@needs_promtool
def test_the_alerts_fire_when_they_should_and_are_silent_otherwise() -> None:
    assert "SUCCESS" in promtool("test", "rules", "alerts-test.yml")


@needs_promtool
def test_the_example_is_a_configuration_of_prometheus(tmp_path: Path) -> None:
    assert "rule files found" in promtool("check", "config", "prometheus.yml")


@needs_promtool
def test_every_panel_asks_for_something_that_prometheus_understands(tmp_path: Path) -> None:
    rules = [
        {"record": f"panel:{number}", "expr": one.replace("$bin_name", "a")} for number, one in enumerate(EXPRESSIONS)
    ]
    path = tmp_path / "panels.yml"
    path.write_text(yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}), encoding="utf-8")
    assert f"{len(rules)} rules found" in promtool("check", "rules", path)


def test_panels_do_not_cover_each_other() -> None:
    cells = [
        (x, y)
        for panel in DASHBOARD["panels"]
        for x in range(panel["gridPos"]["x"], panel["gridPos"]["x"] + panel["gridPos"]["w"])
        for y in range(panel["gridPos"]["y"], panel["gridPos"]["y"] + panel["gridPos"]["h"])
    ]
    assert len(set(cells)) == len(cells)
    assert max(x for x, _ in cells) < 24
    assert len({panel["id"] for panel in DASHBOARD["panels"]}) == len(DASHBOARD["panels"])
