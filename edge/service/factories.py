"""From the configuration to each part of the bin, in the order of the line."""

import logging
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import cv2
import numpy as np

from edge.actuation.diverter import Diverter
from edge.actuation.flap_control import FlapControl
from edge.actuation.flap_view import FlapView
from edge.actuation.levels import Levels
from edge.actuation.panel import Panel
from edge.alarms import Alarms
from edge.config.schema import Config, DecisionConfig
from edge.config.suggestion import closest
from edge.decision.policy import Policy
from edge.decision.vote import Vote
from edge.errors import ConfigError
from edge.guard.guard import Guard
from edge.guard.interlock import Interlock
from edge.guard.permit import Permit
from edge.inference.answer_spec import AnswerSpec
from edge.inference.bundle import read_bundle
from edge.inference.classifier import Classifier
from edge.inference.retrying import RetryingClassifier
from edge.inference.runtime import find_runtime
from edge.inference.taught_classifier import ViewClassifier
from edge.records.event_log import EventLog
from edge.records.image_ring import ImageRing
from edge.records.writer import Writer
from edge.service.records import make_recorder
from edge.sight.background import BackgroundModel
from edge.sight.background_store import BackgroundStore
from edge.sight.freshness import FreshnessGate
from edge.sight.presence import Presence
from edge.sight.tray_watch import TrayWatch
from edge.sight.viewer import Viewer
from edge.sight.work_image import downscale, to_work_image
from edge.sorter import Sorter
from hardware.camera import Camera
from hardware.clock import Clock, ManualClock, SystemClock
from hardware.errors import CameraError, HardwareConfigError
from hardware.flap import Flap
from hardware.frame import Frame
from hardware.pictures.labels import match_labels
from hardware.registry import CAMERAS, load

if TYPE_CHECKING:
    from hardware.world.world import World

log = logging.getLogger(__name__)


def make_sorter(
    config: Config,
    classifier: ViewClassifier,
    clock: Clock,
    flaps: Mapping[str, Flap],
    events: EventLog,
    *,
    images: ImageRing,
    alarms: Alarms,
    panel: Panel,
    levels: Levels,
    store: BackgroundStore | None = None,
    wall_synced: Callable[[], bool] = lambda: False,
    writer: Writer | None = None,
    policy: Policy | None = None,
) -> Sorter:
    """The line, with all its parts.

    Args:
        config: how the parts are set.
        classifier: the model on its runtime, alone or with a taught head.
        clock: time.
        flaps: bin name -> flap.
        events: the event log, in a session from the first step on.
        images: stores the items' pictures.
        alarms: where every part reports.
        panel: what people touch and see.
        levels: which bins are full.
        store: where the empty tray is kept for the next start; None: nowhere.
        wall_synced: whether the wall clock is known to be right.
        writer: writes the events; None: each at once.
        policy: the bins of the classifier's labels; None: as the configuration says.
    """
    interlock = Interlock(alarms, clear_s=config.tray.hand_clear_s)
    guard = Guard(
        flaps,
        permit=Permit(interlock, valid_s=config.camera.max_frame_age_s, has_lid=config.panel.lid is not None),
        clock=clock,
        alarms=alarms,
        lid=panel.lid,
        stop_button=panel.stop_button,
        closes_when_blind=config.flaps.when_blind == "close_slowly",
    )
    diverter = Diverter(
        guard.flaps,
        dwell_s={name: bin_config.dwell_s for name, bin_config in config.bins.items()},
        clock=clock,
        max_openings_per_min=config.flaps.max_openings_per_min,
    )
    view = FlapView(diverter, clock=clock, in_view=config.sees_flaps)
    presence = make_presence(config, store, shows_flap=view.shows)
    manifest = classifier.manifest
    return Sorter(
        freshness=FreshnessGate(clock, max_age_s=config.camera.max_frame_age_s),
        tray=TrayWatch(presence, alarms=alarms, store=store, learn_s=config.tray.learn_s),
        viewer=Viewer(manifest.view, kind=manifest.view_kind),
        classifier=RetryingClassifier(classifier, clock=clock, alarms=alarms),
        vote=Vote(views=config.decision.views),
        policy=policy or make_policy(config.decision, classifier.answers),
        recorder=make_recorder(config, clock, events, images, alarms=alarms, wall_synced=wall_synced, writer=writer),
        flaps=FlapControl(
            diverter=diverter,
            guard=guard,
            panel=panel,
            levels=levels,
            tray=presence,
            clock=clock,
            alarms=alarms,
            retries=config.flaps.retries,
            view=view,
        ),
    )


def load_classifier(config: Config, file: Path | None = None) -> Classifier:
    """The configured model on the configured runtime and accelerator; OpenCV keeps to one thread from here on.

    Args:
        config: its section ``model``.
        file: another model, which the processor runs; None: the configured one.
    """
    # Pictures as small as ours gain nothing from more, and threads that wait for work burn a fifth of the line's time.
    cv2.setNumThreads(1)
    model = config.model
    bundle, runtime = read_bundle(file or model.file), find_runtime(model.runtime)
    if bundle.is_compiled:
        raise ConfigError(
            f"model.file: {bundle.path} is compiled for a Coral; expected the model that it was made from, for when the "
            "Coral is lost; name the compiled one in model.delegate_file"
        )
    accelerator = None
    if file is None and model.delegate is not None:
        from edge.inference.accelerator import make_accelerator  # few bins have one

        # Real time, also where the bin's own runs faster: what it waits for is a process.
        accelerator = make_accelerator(model, bundle, runtime=runtime, clock=SystemClock())
    return Classifier(bundle, runtime, threads=model.threads, accelerator=accelerator)


def make_clock(config: Config) -> Clock:
    """The system's clock; for a simulated bin one as fast as ``simulation.speed`` says."""
    if config.camera.kind != "sim" or config.simulation.speed == 1:
        return SystemClock()
    if config.simulation.speed == 0:
        return ManualClock()
    return SystemClock(speed=config.simulation.speed)


def make_background_store(
    config: Config, *, run: Callable[[Callable[[], None]], None] = lambda write: write()
) -> BackgroundStore | None:
    """Where the empty tray is kept for the next start; None: nowhere. ``run`` as of ``BackgroundStore``."""
    if config.tray.memory is None:
        return None
    camera = config.camera
    # Of a real bin no more: another socket is another number, and the same tray.
    of_kind = {"sim": f" of seed {config.simulation.seed}", "folder": f" {camera.folder.path}"}
    return BackgroundStore(config.tray.memory, tray=f"{camera.kind}{of_kind.get(camera.kind, '')}", run=run)


def make_presence(
    config: Config,
    memory: BackgroundStore | None = None,
    *,
    shows_flap: Callable[[float], bool] = lambda time_s: False,
) -> Presence:
    """The gate, with the configured picture of the empty tray where there is one, else with the one that is remembered."""
    tray = config.tray
    size = config.camera.width, config.camera.height
    window = Presence(region=tray.region)
    shape = downscale(window.tray(Frame(np.zeros((size[1], size[0], 3), np.uint8), 0.0, 0))).shape
    ground = None
    if tray.empty_tray is not None:
        from edge.sight.picture import read_named_picture  # few bins have a picture of their own

        picture = Frame(read_named_picture(tray.empty_tray, "tray.empty_tray"), 0.0, 0)
        lab = to_work_image(window.tray(picture).pixels)
        if lab.shape != shape:
            raise ConfigError(
                f"tray.empty_tray: {tray.empty_tray} has {picture.width}x{picture.height} pixels, the camera "
                f"{size[0]}x{size[1]}; expected a picture from this camera"
            )
        ground = BackgroundModel.from_pictures([lab])
    remembered = None if ground is not None or memory is None else memory.load(shape)
    return Presence(
        region=tray.region,
        settle_s=tray.settle_s,
        learn_s=tray.learn_s,
        adapt_s=tray.adapt_s,
        background=ground or remembered,
        unverified=remembered is not None,
        shows_flap=shows_flap,
    )


def make_policy(decision: DecisionConfig, answers: AnswerSpec) -> Policy:
    """The policy of the configuration for this model, whose labels may be spelt in another case than the configuration's.

    Raises:
        ConfigError: a label of the model has no bin, or a least score is set for a model that gives none.
    """
    match = match_labels(answers.labels, decision.labels)
    if match.unknown:
        spare = set(decision.labels) - set(match.names.values())
        raise ConfigError(*(_no_bin(label, spare) for label in match.unknown))
    bins = {label: decision.labels[match.names[label]] for label in answers.labels}
    return Policy(
        bins=bins,
        residual_bin=decision.residual_bin,
        contamination_cost=decision.contamination_cost,
        residual_cost=decision.residual_cost,
        min_confidence=answers.min_confidence if decision.min_confidence is None else decision.min_confidence,
        bin_confidence=_bin_confidence(bins, decision.residual_bin, answers)
        if decision.min_confidence is None
        else None,
        min_ood_score=_least_score(decision, answers),
        hazards=[label for label in answers.labels if match.names[label] in decision.hazards],
        hazard_confidence=decision.hazard_confidence,
    )


def _no_bin(label: str, spare: Iterable[str]) -> str:
    """A label of the model has no bin. ``spare``: labels of the configuration that the model does not know."""
    misspelt = closest(label, spare)
    hint = "add it to decision.labels" if misspelt is None else f"did you misspell it as {misspelt}?"
    return f"decision.labels: the model knows {label}, which has no bin; {hint}"


def _bin_confidence(own: Mapping[str, str], residual_bin: str, answers: AnswerSpec) -> dict[str, float]:
    """The model's thresholds, for bins that hold just the labels they were measured with, whatever the bins' names."""

    def contents(bins: Mapping[str, str]) -> dict[str, frozenset[str]]:
        names = dict.fromkeys(bins[label] for label in answers.labels if label in bins)
        return {name: frozenset(label for label in answers.labels if bins.get(label) == name) for name in names}

    suggested = contents(answers.bins)
    measured = {suggested[name]: least for name, least in answers.bin_confidence.items()}
    found: dict[str, float] = {}
    for name, held in contents(own).items():
        if held in measured:
            found[name] = measured[held]
        elif measured and name != residual_bin and held not in suggested.values():
            # No warning: any bin of one's own is like that, the examples' too, and there is nothing to mend.
            log.info(
                "bin %s: the model has no threshold for a bin with %s; its overall minimum confidence %g holds",
                name,
                ", ".join(sorted(held)),
                answers.min_confidence,
            )
    return found


def _least_score(decision: DecisionConfig, answers: AnswerSpec) -> float | None:
    if decision.unknown == "never":
        return None
    if decision.unknown == "model":
        return answers.least_score
    if answers.least_score is None:
        raise ConfigError(
            f"decision.unknown: got {decision.unknown:g}, but the model {answers.name} has no score to compare with; "
            "expected model or never"
        )
    return decision.unknown


def make_camera(config: Config, clock: Clock, simulation: "World | None") -> Camera:
    """The configured camera."""
    settings = config.camera
    driver: Callable[..., Camera] = load(CAMERAS, settings.kind)
    if settings.kind == "sim":
        return driver(clock=clock, bin=simulation, fps=settings.fps)
    options = getattr(settings, settings.kind).model_dump()
    try:
        return driver(clock=clock, width=settings.width, height=settings.height, fps=settings.fps, **options)
    except HardwareConfigError as error:
        option = str(error).partition(":")[0].partition(".")[0]
        where = f"camera.{settings.kind}." if option in options else f"camera.kind {settings.kind}: "
        raise HardwareConfigError(f"{where}{error}") from error
    except CameraError as error:
        raise CameraError(f"camera.kind {settings.kind}: {error}") from error
