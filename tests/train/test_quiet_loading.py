"""Loading Keras leaves no lines about TensorFlow on the terminal; errors, and what comes before a crash, stay there."""

import io
import os
import signal
import sys

import pytest

from tests.edge.terminal.test_launch import run_python
from train.noise import pass_on

NOISE = [
    b"WARNING: All log messages before absl::InitializeLog() is called are written to STDERR\n",
    b"I0000 00:00:1796089890.282897    3608 port.cc:153] oneDNN custom operations are on.\n",
    b"2025-09-17 14:44:05.157831: I external/local_xla/xla/tsl/cuda/cudart_stub.cc:32] Could not find cuda drivers\n",
    b"E0000 00:00:1758131045.203198 3722035 cuda_dnn.cc:8579] Unable to register cuDNN factory: already registered\n",
]
WORTH_READING = [
    b"F0000 00:00:1796089890.282897    3608 cpu_feature_guard.cc:52] The TensorFlow library was compiled to use AVX\n",
    b"E0000 00:00:1796089890.282897    3608 cuda.cc:1] out of memory\n",
    b"I have lost a file\n",
    b"half a line",
]


def test_lines_about_tensorflow_itself_are_left_out_and_all_others_passed_on() -> None:
    target = io.BytesIO()
    pass_on(io.BytesIO(b"".join([*NOISE, *WORTH_READING])), target)
    assert target.getvalue() == b"".join(WORTH_READING)


@pytest.mark.parametrize(("end", "code"), [("", 0), ("os.abort()", 128 + signal.SIGABRT)])
def test_what_an_import_writes_is_filtered_even_if_it_aborts(end: str, code: int) -> None:
    lines = b"".join([NOISE[0], NOISE[1], WORTH_READING[0]])
    program = (
        "import os\nfrom train.quiet_loading import quiet_loading\n"
        f"with quiet_loading():\n    os.write(2, {lines!r})\n    {end}\n"
        "os.write(2, b'I0000 0:0 afterwards\\n')"
    )
    done = run_python("-c", program)
    assert WORTH_READING[0] + (b"" if end else b"I0000 0:0 afterwards\n") in done.stderr
    assert NOISE[0] not in done.stderr
    assert done.returncode == code


def test_nothing_is_filtered_once_keras_is_there(monkeypatch: pytest.MonkeyPatch) -> None:
    from train.quiet_loading import quiet_loading

    monkeypatch.setitem(sys.modules, "keras", sys)
    before = os.fstat(2)
    with quiet_loading():
        assert os.fstat(2) == before
