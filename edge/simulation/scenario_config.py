"""The configuration that a scenario runs with."""

from collections.abc import Sequence
from pathlib import Path

from edge.config.file import load_config
from edge.config.schema import Config
from edge.errors import ConfigError
from edge.simulation.scenario import Scenario


def scenario_config(scenario: Scenario, base: Path, state: Path, *, realtime: bool, overrides: Sequence[str]) -> Config:
    """The configuration that a scenario runs with.

    Args:
        scenario: its ``config`` wins over ``base``.
        base: the configuration file.
        state: folder for event log and pictures.
        realtime: at the speed of real time.
        overrides: as of ``--set``; they win over the scenario.

    Raises:
        ConfigError, InputMissingError: it does not fit.
    """
    own = scenario.overrides()
    try:
        return load_config(
            base,
            [
                *own,
                *overrides,
                "camera.kind=sim",
                "flaps.pin_factory=mock",
                f"simulation.speed={int(realtime)}",
                f"simulation.noise={scenario.light.noise}",
                f"simulation.light_drift={scenario.light.drift}",
                f"event_log.file={state / 'events.sqlite'}",
                f"event_log.images={state / 'images'}",
                f"tray.memory={state / 'tray.npz'}",
            ],
        )
    except ConfigError as error:
        raise ConfigError(*(_placed(problem, own, scenario) for problem in error.problems)) from error


def _placed(problem: str, own: Sequence[str], scenario: Scenario) -> str:
    """A problem with the place where the scenario sets what it is about, in place of that of an override."""
    for override in own:
        text = problem.removeprefix(f"--set {override}: ")
        if text != problem:
            keys = override.partition("=")[0].split(".")
            return f"{scenario.place_of(('config', *keys))}: config.{text}"
    return f"scenario {scenario.name}: config: {problem}"
