"""A Coral for tests: a delegate that does what it is told, and models that look compiled for it."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from edge.inference.bundle import Bundle, read_bundle, write_bundle
from edge.inference.operators import EDGE_TPU
from tests.paths import ROOT

SOURCE = Path(__file__).with_name("stub_delegate.c")


class StubDelegate:
    """The library, and what it is told to do: see the source for the words."""

    def __init__(self, library: Path, word: Path) -> None:
        self.library = library
        self._word = word
        self.tell("works")

    def tell(self, word: str) -> None:
        fresh = self._word.with_suffix(".new")
        fresh.write_text(word)
        fresh.replace(self._word)


def build_stub(folder: Path) -> Path:
    """The library; the test is skipped where there is no C compiler."""
    compiler = shutil.which("cc")
    if compiler is None:
        pytest.skip("no C compiler (cc) to build the stub delegate with")
    library = folder / "libstub.so"
    subprocess.run([compiler, "-shared", "-fPIC", "-Wall", "-Werror", "-o", library, SOURCE], check=True)
    return library


def compiled(flatbuffer: bytes) -> bytes:
    """The model with an operator of the Edge TPU at its end, which passes on what it gets.

    Real ones hold nothing but such an operator; this one shows what the processor answers when the delegate works.
    """
    schema = pytest.importorskip("ai_edge_litert.schema_py_generated", reason="no reader of TFLite's schema")
    from convert.features.flatbuffer import pack

    model = schema.ModelT.InitFromPackedBuf(flatbuffer, 0)
    graph = model.subgraphs[0]
    last, *features = graph.outputs
    answer = schema.TensorT()
    answer.shape, answer.type = graph.tensors[last].shape, graph.tensors[last].type
    # The compiler keeps the names of inputs and outputs.
    answer.quantization, answer.name = graph.tensors[last].quantization, graph.tensors[last].name
    graph.tensors[last].name = b"before " + answer.name
    graph.tensors.append(answer)
    code = schema.OperatorCodeT()
    code.builtinCode = code.deprecatedBuiltinCode = schema.BuiltinOperator.CUSTOM
    code.customCode, code.version = EDGE_TPU.encode(), 1
    model.operatorCodes.append(code)
    operator = schema.OperatorT()
    operator.opcodeIndex = len(model.operatorCodes) - 1
    operator.inputs, operator.outputs = [last], [len(graph.tensors) - 1]
    graph.operators.append(operator)
    graph.outputs = [*operator.outputs, *features]
    model.signatureDefs = None
    return pack(model)


def write_compiled(path: Path, bundle: Bundle) -> Bundle:
    """A model file as ``sorter-convert --edgetpu`` writes one."""
    manifest = bundle.manifest.model_copy(update={"compiled_from": bundle.manifest.sha256})
    write_bundle(path, compiled(bundle.flatbuffer), manifest)
    return read_bundle(path)


COMPILER = """#!{python}
import sys
from pathlib import Path

sys.path.insert(0, {root!r})
how, (options, model) = {how!r}, (sys.argv[1:-1], Path(sys.argv[-1]))
assert options == ["--out_dir", str(model.parent), "--show_operations"], options
print("Edge TPU Compiler version 16.0.384591198")
if how == "fails":
    print("ERROR: Didn't find op for builtin opcode 'CONV_2D' version '6'.", file=sys.stderr)
    sys.exit(1)
from tests.doubles.stub_coral import compiled

content = model.read_bytes()
model.with_name("model_edgetpu.tflite").write_bytes(compiled(content) if how == "works" else content)
print("Number of operations that will run on Edge TPU:", 64 if how == "works" else 0)
print("Number of operations that will run on CPU:", 0 if how == "works" else 64)
"""


def put_compiler(folder: Path, monkeypatch: pytest.MonkeyPatch, how: str = "works") -> Path:
    """A program in the place of Google's compiler; it works, fails, or maps nothing."""
    program = folder / "bin" / "edgetpu_compiler"
    program.parent.mkdir()
    program.write_text(COMPILER.format(python=sys.executable, root=str(ROOT), how=how))
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(program.parent), prepend=":")
    return program
