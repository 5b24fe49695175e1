"""The accelerator: a delegate that works, fails, crashes, hangs or computes wrongly, at start and while the bin runs."""

import os
import signal
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from edge.alarms import Alarm
from edge.cli import main
from edge.config.file import load_config
from edge.errors import ConfigError, InputMissingError, ModelError, SorterError, UnavailableError
from edge.inference.accelerator import STEADY_S, Accelerator
from edge.inference.bundle import Bundle, read_bundle, write_bundle
from edge.inference.classifier import Classifier
from edge.inference.delegate_process import DelegateProcess
from edge.inference.operators import EDGE_TPU, custom_operators
from edge.inference.runtime import find_runtime
from edge.service.assembly import assemble
from edge.service.factories import load_classifier
from edge.service.loop import RunStats, run_loop
from edge.values import SortEvent
from hardware.clock import ManualClock
from tests.builders.configuration import write_config
from tests.builders.pictures import Pixels
from tests.doubles.stub_coral import StubDelegate, build_stub, write_compiled
from tests.paths import MODEL, ROOT
from tests.processes import until

PATIENT_S = 10.0
"""Timeout of an answer where nothing hangs, in seconds: the machine may be busy."""


@pytest.fixture(scope="module")
def original() -> Bundle:
    return read_bundle(MODEL)


@pytest.fixture(scope="module")
def compiled(original: Bundle, tmp_path_factory: pytest.TempPathFactory) -> Bundle:
    return write_compiled(tmp_path_factory.mktemp("models") / "compiled.tflite", original)


@pytest.fixture(scope="module")
def stub_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_stub(tmp_path_factory.mktemp("stub"))


@pytest.fixture
def stub(stub_library: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> StubDelegate:
    """A delegate that works until a test changes that."""
    word = tmp_path / "stub.word"
    monkeypatch.setenv("STUB_DELEGATE", str(word))
    return StubDelegate(stub_library, word)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock()


@pytest.fixture
def make(
    stub: StubDelegate, original: Bundle, compiled: Bundle, clock: ManualClock
) -> Iterator[Callable[..., Accelerator]]:
    """Accelerators on the stub; they are closed at the end."""
    made: list[Accelerator] = []

    def one(library: str | Path = stub.library, **options: Any) -> Accelerator:
        options = {"runtime": find_runtime(), "threads": 1, "clock": clock, "answer_s": PATIENT_S} | options
        made.append(Accelerator(str(library), compiled, original, **options))
        return made[-1]

    yield one
    for accelerator in made:
        accelerator.close()


@pytest.fixture
def classifier(original: Bundle, make: Callable[..., Accelerator]) -> Classifier:
    """On the stub, which works."""
    return Classifier(original, find_runtime(), accelerator=make())


def views(count: int) -> Iterator[Pixels]:
    random = np.random.default_rng(0)
    for _ in range(count):
        yield random.integers(0, 256, (128, 128, 3), np.uint8)


def comes_back(classifier: Classifier) -> bool:
    """Looked after at every step, as the loop does, while its process starts in real time."""

    def is_back() -> bool:
        classifier.poll_accelerator()
        return classifier.accelerator_failure is None

    return until(is_back, timeout_s=30.0)


def starts_again(accelerator: Accelerator) -> DelegateProcess:
    """Its next process, as soon as the last one has ended, in real time."""
    last = accelerator._process

    def is_starting() -> bool:
        assert accelerator.reopen() is None
        return accelerator._process is not last

    assert until(is_starting)
    assert accelerator._process is not None
    return accelerator._process


def pauses(log: pytest.LogCaptureFixture) -> list[str]:
    return [record.getMessage().rpartition("next try in ")[2] for record in log.records if "next try" in record.msg]


# --- at the start -----------------------------------------------------------------------------------------------------


def test_it_answers_as_the_processor_does(classifier: Classifier, original: Bundle) -> None:
    processor = Classifier(original, find_runtime())
    for view in views(4):
        assert np.array_equal(classifier.logits(view), processor.logits(view))
    assert (classifier.accelerator_failure, classifier.failures) == (None, 0)


@pytest.mark.parametrize(
    ("word", "text"),
    [
        ("refuses", "it cannot be loaded: .*no device found"),
        ("dies", "its process died of SIGABRT"),
        ("stalls", r"not ready within 0\.3 s"),
        ("fails", "USB transfer error"),
        ("crashes", "its process died of SIGSEGV"),
        ("hangs", r"not ready within 0\.3 s"),
        ("lies", r"its outputs differ from the CPU's by \d+\.\d counts on average, expected at most \d"),
    ],
)
def test_one_that_does_not_work_at_the_start_is_an_error_that_names_the_key(
    word: str, text: str, stub: StubDelegate, original: Bundle, make: Callable[..., Accelerator]
) -> None:
    stub.tell(word)
    accelerator = make(start_s=0.3 if word in ("stalls", "hangs") else 30.0)
    with pytest.raises(
        UnavailableError, match=f"^model.delegate: .*libstub.so: {text}.*set model.delegate to null"
    ) as told:
        Classifier(original, find_runtime(), accelerator=accelerator)
    assert told.value.exit_code == 69
    assert "\n" not in str(told.value)


@pytest.mark.parametrize(
    ("library", "text"),
    [("libnothing.so.1", "cannot be loaded: libnothing.so.1"), ("libc.so.6", "undefined symbol")],
)
def test_a_library_that_is_not_there_or_no_delegate_is_refused(
    library: str, text: str, make: Callable[..., Accelerator]
) -> None:
    with pytest.raises(UnavailableError, match=f"^model.delegate: {library}: .*{text}"):
        make(library).open()


def test_the_command_line_leaves_with_69(
    compiled: Bundle, config_file: Path, capfd: pytest.CaptureFixture[str]
) -> None:
    chosen = ("model.delegate=libnothing.so.1", f"model.delegate_file={compiled.path}")
    words = [word for setting in chosen for word in ("--set", setting)]
    assert main(["run", "--config", str(config_file), "--items", "1", *words]) == 69
    errors = [line for line in capfd.readouterr().err.splitlines() if line.strip()]
    assert len(errors) == 1, errors
    assert errors[0].startswith("sorter: error: model.delegate: libnothing.so.1: it cannot be loaded: libnothing.so.1")


# --- while it runs ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("fails", "USB transfer error"),
        ("crashes", "its process died of SIGSEGV"),
        ("hangs", "no answer within 1 s"),
    ],
)
def test_one_that_is_lost_is_replaced_at_once_and_taken_back_when_it_answers(
    word: str,
    why: str,
    stub: StubDelegate,
    make: Callable[..., Accelerator],
    original: Bundle,
    clock: ManualClock,
) -> None:
    accelerator = make(answer_s=1.0 if word == "hangs" else PATIENT_S)
    classifier = Classifier(original, find_runtime(), accelerator=accelerator)
    processor = Classifier(original, find_runtime())
    first, second, third = views(3)
    classifier.predict(first)
    stub.tell(word)
    assert np.array_equal(classifier.logits(second), processor.logits(second)), "the same view, on the processor"
    assert classifier.accelerator_failure is not None
    assert classifier.accelerator_failure.startswith(f"the accelerator has failed, the CPU runs the model: {why}")
    stub.tell("works")
    classifier.poll_accelerator()
    clock.advance(0.9)
    classifier.poll_accelerator()
    assert classifier.accelerator_failure is not None, "it is left alone for a second"
    clock.advance(0.2)
    assert comes_back(classifier)
    stub.tell("crashes")
    classifier.predict(third)
    assert classifier.accelerator_failure is not None, "it was the accelerator that answered"
    assert classifier.failures == 2


def test_one_that_does_not_come_back_is_tried_ever_more_rarely(
    stub: StubDelegate, classifier: Classifier, clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    stub.tell("crashes")
    classifier.predict(next(views(1)))
    stub.tell("refuses")
    for tried in range(1, 5):

        def told(tried: int = tried) -> bool:
            classifier.poll_accelerator()
            return len(pauses(caplog)) == tried

        assert until(told, timeout_s=30.0)
        clock.advance(60.0)
    assert pauses(caplog) == ["1 s", "2 s", "4 s", "8 s"]
    assert "cannot be restarted: it cannot be loaded" in caplog.text
    stub.tell("works")
    assert comes_back(classifier)


def test_one_that_hangs_at_its_return_is_given_up_and_nothing_waits_for_it(
    stub: StubDelegate, make: Callable[..., Accelerator], clock: ManualClock, caplog: pytest.LogCaptureFixture
) -> None:
    accelerator = make(start_s=10.0)
    accelerator.open()
    stub.tell("stalls")
    assert accelerator.reopen() is None
    clock.advance(1.0)
    starts_again(accelerator)
    for _ in range(50):
        assert accelerator.reopen() is None
    assert pauses(caplog) == ["1 s"]
    clock.advance(10.0)
    assert accelerator.reopen() is None
    assert "cannot be restarted: not ready within 10 s" in caplog.text
    assert pauses(caplog) == ["1 s", "2 s"]


@pytest.mark.parametrize(("steady_s", "pause"), [(STEADY_S - 1, "2 s"), (STEADY_S, "1 s")])
def test_the_pauses_start_again_only_when_it_has_worked_for_a_while(
    steady_s: float,
    pause: str,
    stub: StubDelegate,
    classifier: Classifier,
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """One that answers to the trial and fails at work does not come and go every second."""
    first, second = views(2)
    stub.tell("fails")
    classifier.predict(first)
    classifier.poll_accelerator()
    stub.tell("works")
    clock.advance(1.0)
    assert comes_back(classifier)
    clock.advance(steady_s)
    stub.tell("fails")
    classifier.predict(second)
    classifier.poll_accelerator()
    assert pauses(caplog) == ["1 s", pause]


def test_a_process_that_does_not_read_does_not_block_on_a_large_view(make: Callable[..., Accelerator]) -> None:
    worker = make(answer_s=0.2).open()
    os.kill(worker._process.pid, signal.SIGSTOP)
    worker.set_tensor(0, np.zeros((1, 512, 512, 3), np.int8))
    told: list[str] = []

    def invoke() -> None:
        with pytest.raises(UnavailableError) as caught:
            worker.invoke()
        told.append(str(caught.value))

    threading.Thread(target=invoke, daemon=True).start()
    assert until(lambda: bool(told))
    assert told == ["no answer within 0.2 s"]


class StuckProcess:
    """A process that hangs in the kernel and survives SIGKILL. It records that it was waited for."""

    returncode: int | None = None

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self._process = process
        self.waited_s = 0.0

    def kill(self) -> None:
        self._process.kill()

    def poll(self) -> int | None:
        return self.returncode

    def wait(self, timeout_s: float) -> int:
        self.waited_s += timeout_s
        if self.returncode is None:
            raise subprocess.TimeoutExpired("worker", timeout_s)
        return self.returncode

    def die(self) -> None:
        self.returncode = self._process.wait()


def test_one_that_hangs_in_the_kernel_is_not_waited_for_and_gets_no_second_beside_it(
    make: Callable[..., Accelerator], clock: ManualClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    accelerator = make()
    worker = accelerator.open()
    stuck = StuckProcess(worker._process)
    monkeypatch.setattr(worker, "_process", stuck)
    accelerator.reopen()
    clock.advance(1.0)
    for _ in range(3):
        assert accelerator.reopen() is None
        assert accelerator._process is worker
    assert stuck.waited_s == 0.0
    stuck.die()
    assert until(lambda: accelerator.reopen() is not None, timeout_s=30.0)


def test_one_that_hangs_up_at_its_return_is_not_waited_for(
    make: Callable[..., Accelerator],
    clock: ManualClock,
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    accelerator = make(start_s=10.0)
    accelerator.open()
    accelerator.reopen()
    clock.advance(1.0)
    worker = starts_again(accelerator)
    stuck = StuckProcess(worker._process)
    monkeypatch.setattr(worker, "_process", stuck)
    stuck.kill()
    assert until(lambda: worker._connection.poll())
    assert accelerator.reopen() is None
    assert pauses(caplog) == ["1 s"], "it has its time to end"
    assert stuck.waited_s == 0.0
    stuck.die()
    assert accelerator.reopen() is None
    assert "cannot be restarted: its process died of SIGKILL" in caplog.text


def test_closed_it_leaves_no_process_behind(make: Callable[..., Accelerator], stub: StubDelegate) -> None:
    idle, hung = make().open(), make().open()
    stub.tell("hangs")
    hung._connection.send(np.zeros((1, 128, 128, 3), np.int8))
    for worker in (idle, hung):
        worker.close(timeout_s=0.5)
        worker.close()
        assert worker._process.returncode is not None


def test_a_model_file_that_becomes_rubbish_does_not_keep_it_from_coming_back(
    stub: StubDelegate, original: Bundle, tmp_path: Path, clock: ManualClock
) -> None:
    copy = write_compiled(tmp_path / "copy.tflite", original)
    accelerator = Accelerator(
        str(stub.library), copy, original, runtime=find_runtime(), threads=1, clock=clock, answer_s=PATIENT_S
    )
    classifier = Classifier(original, find_runtime(), accelerator=accelerator)
    copy.path.write_bytes(b"rubbish")
    stub.tell("crashes")
    classifier.predict(next(views(1)))
    stub.tell("works")
    classifier.poll_accelerator()
    clock.advance(1.0)
    assert comes_back(classifier)
    classifier.close()


def test_accelerator_crashes(
    stub: StubDelegate, original: Bundle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole bin: it is lost after the first item, and found again while the bin goes on."""
    monkeypatch.setitem(Accelerator.__init__.__kwdefaults__, "answer_s", PATIENT_S)
    file = write_compiled(tmp_path / "compiled.tflite", original).path
    changes = {"model": {"delegate": str(stub.library), "delegate_file": str(file)}}
    config = load_config(write_config(tmp_path / "c.yaml", changes))
    stop = threading.Event()
    story: list[str | None] = []

    def look(tally: RunStats, event: SortEvent | None) -> None:
        first = assembly.alarms.most_urgent
        if first not in story[-1:]:
            story.append(first)
        if event is not None and tally.items == 1:
            stub.tell("crashes")
        if first is not None:
            stub.tell("works")
        if event is not None and len(story) == 3:
            stop.set()

    with assemble(config) as assembly:
        tally = run_loop(assembly, stop, on_step=look, duration_s=20_000)
        assert assembly.simulation is not None
        score = assembly.simulation.score()
        assert assembly.classifier.failures == 1
    sentence = "the accelerator has failed, the CPU runs the model: its process died of SIGSEGV"
    assert story == [None, sentence, None]
    assert tally.alarms == {Alarm.ACCELERATOR: 1}
    assert tally.errors == 0
    assert score.handled_once >= tally.items - 1, "the last item is still under way"


# --- the configuration ------------------------------------------------------------------------------------------------


def refused(tmp_path: Path, **model: Any) -> SorterError:
    with pytest.raises(SorterError) as caught:
        load_classifier(load_config(write_config(tmp_path / "c.yaml", {"model": model})))
    assert "\n" not in str(caught.value)
    return caught.value


def test_a_delegate_needs_the_model_that_was_compiled_for_it(tmp_path: Path) -> None:
    error = refused(tmp_path, delegate="libedgetpu.so.1")
    assert isinstance(error, ConfigError)
    assert "delegate_file: missing" in str(error)
    assert f"sorter-convert {MODEL} --edgetpu" in str(error)
    error = refused(tmp_path, delegate="libedgetpu.so.1", delegate_file=str(tmp_path / "none.tflite"))
    assert isinstance(error, InputMissingError)
    assert "model.delegate_file: " in str(error)
    error = refused(tmp_path, delegate="libedgetpu.so.1", delegate_file=str(MODEL))
    assert isinstance(error, ConfigError)
    assert "is not compiled for an Edge TPU; make it with sorter-convert" in str(error)


def test_a_delegate_is_a_name_or_an_absolute_path(tmp_path: Path) -> None:
    error = refused(tmp_path, delegate="lib/libedgetpu.so.1", delegate_file=str(MODEL))
    assert isinstance(error, ConfigError)
    assert "expected the name of a library (libedgetpu.so.1) or an absolute path" in str(error)


def test_a_model_that_was_compiled_from_another_is_refused(tmp_path: Path) -> None:
    other = read_bundle(ROOT / "edge" / "models" / "bin8.tflite")
    file = tmp_path / "compiled.tflite"
    write_compiled(file, other)
    error = refused(tmp_path, delegate="libedgetpu.so.1", delegate_file=str(file))
    assert isinstance(error, ConfigError)
    assert f"was compiled from another model than model.file {MODEL}" in str(error)


def test_the_processors_model_cannot_be_one_that_is_compiled(tmp_path: Path, compiled: Bundle) -> None:
    error = refused(tmp_path, file=str(compiled.path))
    assert isinstance(error, ConfigError)
    assert "is compiled for a Coral; expected the model that it was made from" in str(error)


def test_another_model_than_the_configured_one_runs_on_the_processor(tmp_path: Path, compiled: Bundle) -> None:
    changes = {"model": {"delegate": "libnothing.so.1", "delegate_file": str(compiled.path)}}
    config = load_config(write_config(tmp_path / "c.yaml", changes))
    other = load_classifier(config, ROOT / "edge" / "models" / "bin8.tflite")
    assert other.predict(next(views(1))).labels == other.manifest.labels


# --- what a model file tells ------------------------------------------------------------------------------------------


def test_only_a_model_that_is_compiled_names_the_edge_tpus_operator(original: Bundle, compiled: Bundle) -> None:
    assert custom_operators(original.flatbuffer) == frozenset()
    assert custom_operators(compiled.flatbuffer) == {EDGE_TPU}


@settings(max_examples=50)
@given(st.data())
def test_a_damaged_flatbuffer_is_reported_and_nothing_worse(data: st.DataObject) -> None:
    flatbuffer = bytearray(MODEL.read_bytes()[:20_000])
    for place in data.draw(st.lists(st.integers(0, 400), max_size=8)):
        flatbuffer[place] = data.draw(st.integers(0, 255))
    try:
        names = custom_operators(bytes(flatbuffer[: data.draw(st.integers(0, 20_000))]))
    except ModelError:
        return
    assert EDGE_TPU not in names


def test_model_info_says_whether_it_is_compiled(compiled: Bundle, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["model", "info", str(compiled.path)]) == 0
    assert "with a Coral" in capsys.readouterr().out
    assert main(["model", "info", str(MODEL)]) == 0
    assert "a Coral" not in capsys.readouterr().out


def test_a_manifest_without_the_key_is_read_as_before(original: Bundle, tmp_path: Path) -> None:
    write_bundle(tmp_path / "m.tflite", original.flatbuffer, original.manifest)
    assert read_bundle(tmp_path / "m.tflite").manifest.compiled_from is None
