"""``update``: signed updates of the model, of a head, of settings, and of the program itself."""

import argparse
import socket
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from edge.bin_socket.address import find_socket
from edge.commands.options import add_config_options, chosen_config
from edge.config.file import load_config
from edge.config.neighbours import UpdateConfig
from edge.config.schema import Config
from edge.config.update_slot import last_outcome
from edge.errors import ConfigError, UnavailableError
from edge.terminal.output import say, say_json
from hardware.clock import SystemClock

if TYPE_CHECKING:
    from edge.updates.offer import Offer
    from edge.updates.outcome import UpdateOutcome
    from edge.updates.repository import SignedRepository
    from edge.updates.update_run import UpdateRun
    from edge.updates.update_tools import UpdateTools

PROGRAM_FOLDER = Path("/var/lib/sorter-program")

EX_NEWS = 1
"""Exit code of ``check`` where there is an update, and of ``apply`` and ``status`` where one was not taken, or was taken back."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Complete the parser of ``update``."""
    parser.description = "Signed updates, as the section update of the configuration says."
    steps = parser.add_subparsers(dest="step", required=True, metavar="STEP", title="steps")
    for name, line, run in (
        ("check", "look whether there is an update, and change nothing; exit code 1 where there is", check),
        ("apply", "fetch what there is, prove it on this bin, and put it in place; it is watched from then on", apply),
        ("status", "what runs, and what became of the last update; exit code 1 where it was not taken", status),
        ("back", "go back to what was in use before the last update", back),
        (
            "program",
            "as root: install the release of the program that is offered, if update.allow_program says so",
            program,
        ),
    ):
        step = steps.add_parser(name, help=line, description=f"{line[0].upper()}{line[1:]}.")
        add_config_options(step)
        step.add_argument("--json", action="store_true", help="one JSON object on standard output, nothing else")
        if name in ("apply", "back"):
            step.add_argument(
                "--socket", type=Path, metavar="FILE", help="the bin's socket; default: the one beside the event log"
            )
        if name == "program":
            step.add_argument(
                "--state",
                type=Path,
                default=PROGRAM_FOLDER,
                metavar="DIR",
                help=f"root's own folder for it; default: {PROGRAM_FOLDER}",
            )
            step.add_argument(
                "--when-due", action="store_true", help="as the timer does: end at once where it is not asked for"
            )
        if name == "apply":
            step.add_argument(
                "--when-due",
                action="store_true",
                help="as the timer does: first judge the update that is watched, then look if it is time to; ends at once where "
                "nothing is configured",
            )
            step.add_argument(
                "--again", action="store_true", help="also what this bin has refused or taken back before"
            )
        step.set_defaults(run=run, socket=None)


def check(arguments: argparse.Namespace) -> int:
    """Look, and change nothing."""
    from edge.updates.update_lock import only_update

    config = _configured(arguments)
    with only_update(config.updates_folder):
        run = _run(config, arguments)
        repository, offers = run.look()
        withdrawn = run.withdrawn(repository)
    if arguments.json:
        found = None if withdrawn is None else {"name": withdrawn[0], "version": withdrawn[1]}
        say_json({"offers": [asdict(one) for one in offers], "withdrawn": found})
    elif withdrawn is not None:
        say(f"update: {withdrawn[0]} {withdrawn[1]}: its owner has withdrawn it: 'sorter update apply' goes back")
    elif not offers:
        say("update: nothing new")
    for offer in [] if arguments.json else offers:
        say(f"update: {_words(offer)}: 'sorter update apply' takes it")
    return EX_NEWS if offers or withdrawn else 0


def apply(arguments: argparse.Namespace) -> int:
    """Judge what is watched, look, and put in place what is new."""
    if arguments.when_due and _loaded(arguments).update is None:
        say("update: nothing is configured (update.repository), nothing to do")
        return 0
    from edge.updates.update_lock import only_update

    config = _configured(arguments)
    with only_update(config.updates_folder):
        outcome = _run(config, arguments).advance(when_due=arguments.when_due, again=arguments.again)
    outcomes = [] if outcome is None else [outcome]
    if arguments.json:
        say_json({"outcomes": [asdict(one) for one in outcomes]})
    elif not outcomes:
        say("update: nothing new")
    for one in [] if arguments.json else outcomes:
        _say_outcome(one)
    return EX_NEWS if any(one.state.is_failure for one in outcomes) else 0


def status(arguments: argparse.Namespace) -> int:
    """Tell what runs."""
    from edge.inference.bundle import read_bundle
    from edge.updates.outcome import UpdateState
    from edge.updates.update_run import UpdateRun

    config = _configured(arguments)
    manifest = read_bundle(config.model.file).manifest
    run = UpdateRun(config, _tools(config, arguments))
    trial, outcome = run.watch.trial, last_outcome(config.updates_folder)
    record = None if config.slot is None else run.watch.record
    found = {
        "slot": config.slot,
        "targets": {} if record is None else record.targets,
        "model": manifest.name,
        "model_sha256": manifest.sha256,
        "trial": None if trial is None else asdict(trial),
        "last": outcome,
    }
    if arguments.json:
        say_json(found)
    else:
        what = (
            "as configured"
            if record is None
            else ", ".join(f"{name} {number}" for name, number in record.targets.items())
        )
        say(f"update: model {manifest.name} ({manifest.sha256[:12]}), {what}")
        if trial is not None:
            say(f"update: {trial.target} {trial.version} is watched since {_when(trial.began_wall_s)}")
        if outcome is not None:
            say(
                f"update: last {outcome.get('target')} {outcome.get('version')}: {outcome.get('state')}: {outcome.get('reason')}"
            )
    state = None if outcome is None else outcome.get("state")
    return EX_NEWS if state in list(UpdateState) and UpdateState(str(state)).is_failure else 0


def back(arguments: argparse.Namespace) -> int:
    """Go back."""
    from edge.updates.update_lock import only_update

    config = _configured(arguments)
    with only_update(config.updates_folder):
        outcome = _run(config, arguments).watch.back()
    if arguments.json:
        say_json(asdict(outcome))
    else:
        _say_outcome(outcome)
    return 0


def program(arguments: argparse.Namespace) -> int:
    """Install a release of the program."""
    from edge.updates.program import ProgramUpdate, check_only_root_writes
    from edge.updates.trusted_time import TrustedTime
    from edge.updates.update_lock import only_update

    update = _loaded(arguments).update
    if update is None or not update.allow_program:
        if not arguments.when_due:
            raise ConfigError("update.allow_program: false; expected true, which lets signed releases be installed")
        say("update: no releases are asked for (update.allow_program), nothing to do")
        return 0
    check_only_root_writes(update.root)
    clock, folder = SystemClock(), arguments.state
    with only_update(folder):
        now = datetime.fromtimestamp(clock.wall_s())
        if arguments.when_due and not update.is_time(now.hour + now.minute / 60):
            return 0
        time = TrustedTime(folder, clock)
        time.check()
        repository = repository_opener(update, update.name or socket.gethostname(), folder)()
        repository.refresh()
        time.note()
        taken = ProgramUpdate(folder)
        offer = taken.news(repository, update.wants)
        if offer is not None:
            taken.take(repository, offer)
    found = None if offer is None else asdict(offer)
    if arguments.json:
        say_json({"installed": found})
    else:
        say("update: no new release" if offer is None else f"update: release {offer.name} {offer.version} is installed")
    return 0


def _loaded(arguments: argparse.Namespace) -> Config:
    return load_config(chosen_config(arguments), arguments.overrides)


def _configured(arguments: argparse.Namespace) -> Config:
    config = _loaded(arguments)
    if config.update is None:
        raise ConfigError("update: null; expected a section with repository and wants (docs/updates.md)")
    return config


def _run(config: Config, arguments: argparse.Namespace) -> "UpdateRun":
    from edge.updates.update_run import UpdateRun

    return UpdateRun(config, _tools(config, arguments))


def _tools(config: Config, arguments: argparse.Namespace) -> "UpdateTools":
    from edge.updates.running_bin import SocketBin
    from edge.updates.slots import SlotFolder
    from edge.updates.trusted_time import TrustedTime
    from edge.updates.update_tools import UpdateTools

    assert config.update is not None
    clock, folder = SystemClock(), config.updates_folder
    name = config.update.name or socket.gethostname()
    return UpdateTools(
        repository=repository_opener(config.update, name, folder),
        bin=SocketBin(arguments.socket or find_socket(config.event_log.file), clock),
        slots=SlotFolder(folder),
        time=TrustedTime(folder, clock),
        clock=clock,
        name=name,
    )


def repository_opener(settings: UpdateConfig, name: str, folder: Path) -> "Callable[[], SignedRepository]":
    """What opens the repository once it is asked for: TUF's client takes a quarter of a second to load.

    Args:
        settings: where it is.
        name: the bin's.
        folder: for what is kept of it.
    """

    def opened() -> "SignedRepository":
        try:
            from edge.updates.fetcher import PatientFetcher
            from edge.updates.repository import SignedRepository
        except ModuleNotFoundError as error:
            raise UnavailableError(
                "tuf is not installed; expected the extra update: pip install '.[update]'"
            ) from error
        return SignedRepository(
            settings.repository,
            settings.root,
            folder,
            bin_name=name,
            ring=settings.ring,
            fetcher=PatientFetcher(SystemClock()),
        )

    return opened


def _words(offer: "Offer") -> str:
    return f"{offer.kind} {offer.name} {offer.version} ({offer.length / 1e6:.1f} MB, from {offer.place})"


def _say_outcome(outcome: "UpdateOutcome") -> None:
    say(f"update: {outcome.target} {outcome.version}: {outcome.state}: {outcome.reason}")


def _when(wall_s: float) -> str:
    return datetime.fromtimestamp(wall_s).strftime("%Y-%m-%d %H:%M")
