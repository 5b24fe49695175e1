"""Alerts and dashboard for many bins: sound, tested, and of figures that there are."""

import json
import re
import shutil
import socket
import subprocess
import urllib.request
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import Any

import pytest
import yaml

from edge.link.metrics import metrics_text
from tests.builders.link import REPORT, UplinkRig, make_view
from tests.builders.mosquitto import PROGRAM, BrokerAudience, Mosquitto, wait_until
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


# --- bins over MQTT ---------------------------------------------------------------------------------------------------

EXPORTERS = ("mqtt-exporter.yml", "mqtt-exporter-availability.yml")
"""Configurations of mqtt2prometheus; each is a process of its own."""

needs_exporter = pytest.mark.skipif(
    PROGRAM is None or shutil.which("prometheus-mqtt-exporter") is None,
    reason="mosquitto or prometheus-mqtt-exporter is not here (Debian's packages of these names)",
)


def exporter_figures(name: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = yaml.safe_load((FLEET / name).read_text(encoding="utf-8"))["metrics"]
    return found


def test_figures_over_mqtt_have_the_names_and_meanings_of_the_bins_own() -> None:
    meanings = dict(re.findall(r"^# HELP (\S+) (.*)$", metrics_text(make_view(), version="1"), flags=re.MULTILINE))
    figures = [one for name in EXPORTERS for one in exporter_figures(name)]
    of_mqtt_alone = {"sorter_residual_ratio", "sorter_up"}
    for one in figures:
        assert one["prom_name"] in of_mqtt_alone or meanings[one["prom_name"]] == one["help"]
        # With the time at which the bin said it, Prometheus would drop after five minutes what has not changed since.
        assert one["omit_timestamp"]


@pytest.mark.slow
@needs_exporter
def test_bins_that_cannot_be_reached_are_seen_over_mqtt(tmp_path: Path) -> None:
    rig = UplinkRig()
    said = rig.connect()
    rig.uplink.tick(0)
    with ExitStack() as stack:
        broker = stack.enter_context(Mosquitto(tmp_path))
        audience = stack.enter_context(BrokerAudience(broker))
        ports = []
        for name in EXPORTERS:
            with socket.socket() as probe:
                probe.bind(("127.0.0.1", 0))
                ports.append(str(probe.getsockname()[1]))
            config = tmp_path / name
            config.write_text((FLEET / name).read_text(encoding="utf-8").replace(":1883", f":{broker.port}"))
            options = ["-config", str(config), "-listen-address", "127.0.0.1", "-listen-port", ports[-1]]
            process = subprocess.Popen(["prometheus-mqtt-exporter", *options], stderr=subprocess.DEVNULL)
            stack.enter_context(process)  # waits for its end
            stack.callback(process.terminate)

        def shown() -> set[str]:
            text = ""
            for port in ports:
                with suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5) as answer:
                    text += answer.read().decode()
            lines = [line for line in text.splitlines() if line.startswith("sorter_")]
            return {re.sub(r',?(sensor="bin-7"|topic="[^"]*")', "", line).replace("{}", "") for line in lines}

        for topic, payload, retained in said.sent:
            audience.say(topic, payload, retain=retained)
        wait_until(lambda: len(shown()) == 8, "all figures")
        assert shown() == {
            "sorter_items_total 50",
            "sorter_residual_ratio 0.25",
            "sorter_temperature_celsius 51",
            "sorter_disk_free_bytes 7.5e+09",
            "sorter_link_waiting_events 0",
            'sorter_trouble{alarm="any",condition="fault"} 0',
            'sorter_fill_ratio{bin="glass"} 0.41000000000000003',
            "sorter_up 1",
        }
        audience.say("sorter/bin-7/availability", b"offline", retain=True)
        wait_until(lambda: "sorter_up 0" in shown(), "that the bin is gone")
