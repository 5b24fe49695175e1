"""The report on mutants: counted by room, with the equivalent ones named and nothing out of date."""

import json
from importlib import import_module
from inspect import getsource
from pathlib import Path

import pytest

from tests.mutants.equivalents import Equivalent, EquivalentKind, read_equivalents
from tests.mutants.mutant import KILLED_BY_TESTS, KILLED_BY_TYPES, SURVIVED, Mutant, read_mutants
from tests.mutants.report import make_report

FUNCTION = "edge.guard.permit.Permit.holds"


def mutant(outcome: str, *, becomes: str = "return False", room: str = "guard") -> Mutant:
    return Mutant(f"edge.{room}.permit.Permit.holds", "return True", becomes, outcome)


def test_what_mutmut_leaves_behind_is_read_as_changes_of_functions(tmp_path: Path) -> None:
    file = tmp_path / "edge/guard/permit.py"
    file.parent.mkdir(parents=True)
    lines = ["class Permit:"]
    spans = {}
    for name, value in (("orig", 0), ("1", 1), ("2", None), ("3", 2), ("4", 3), ("5", 4)):
        key = f"xǁPermitǁholds__mutmut_{name}"
        spans[key] = [len(lines) + 1, len(lines) + 2]
        lines += [f"    def {key}(self):", f"        return {value}"]
    file.write_text("\n".join(lines), "utf-8")
    codes = {
        f"edge.guard.permit.xǁPermitǁholds__mutmut_{number}": code
        for number, code in enumerate((1, 37, 0, None, -24), 1)
    }
    Path(f"{file}.meta").write_text(json.dumps({"exit_code_by_key": codes}), "utf-8")
    Path(f"{file}.spans").write_text(json.dumps({"spans": spans}), "utf-8")
    found = list(read_mutants(tmp_path))
    assert {(one.function, one.was, one.room) for one in found} == {(FUNCTION, "return 0", "guard")}
    assert [(one.becomes, one.outcome) for one in found] == [
        ("return 1", KILLED_BY_TESTS),
        ("return None", KILLED_BY_TYPES),
        ("return 2", SURVIVED),
        ("return 3", ""),
        ("return 4", KILLED_BY_TESTS),
    ]


def test_a_room_is_counted_without_the_equivalents_that_are_named() -> None:
    mutants = [mutant(KILLED_BY_TESTS)] * 7 + [mutant(KILLED_BY_TYPES)] * 2 + [mutant(SURVIVED, becomes="same")]
    named = Equivalent(FUNCTION, "return True", "same", "it is the same")
    assert make_report(mutants, [named]).table.splitlines()[-1] == "| guard | 10 | 7 | 2 | 1 | 0 | 0 | 100.0% |"
    report = make_report(mutants, [])
    assert report.table.splitlines()[-1] == "| guard | 10 | 7 | 2 | 0 | 1 | 0 | 90.0% |"
    assert [one.becomes for one in report.left] == ["same"]
    assert report.is_enough


@pytest.mark.parametrize(
    "mutants",
    [
        [mutant(KILLED_BY_TESTS)] * 8 + [mutant(SURVIVED)] * 2,
        [mutant(KILLED_BY_TESTS)] * 19 + [mutant("")],
        [mutant(KILLED_BY_TESTS)] * 90 + [mutant(SURVIVED, room="sight")],
    ],
    ids=["too many survive", "one was not run", "another room has enough"],
)
def test_it_is_not_enough(mutants: list[Mutant]) -> None:
    assert not make_report(mutants, []).is_enough


def test_an_equivalent_that_was_killed_is_out_of_date() -> None:
    named = Equivalent(FUNCTION, "return True", "return False", "a belief")
    report = make_report([mutant(KILLED_BY_TESTS)], [named])
    assert report.stale == [named]
    assert not report.is_enough


def test_a_kind_of_equivalents_is_of_the_functions_and_lines_that_it_describes() -> None:
    kind = EquivalentKind(r"edge\.guard\..*", "return", "a reason", only="case")
    assert kind.is_of(mutant(SURVIVED, becomes="RETURN TRUE"))
    assert not kind.is_of(mutant(SURVIVED, becomes="return False"))
    assert not kind.is_of(mutant(SURVIVED, becomes="RETURN TRUE", room="sight"))
    assert not EquivalentKind(".*", "yield", "a reason").is_of(mutant(SURVIVED))
    text = EquivalentKind(".*", "^assert", "a reason", only="text")
    assert text.is_of(Mutant(FUNCTION, 'assert good, "so"', 'assert good, "XXsoXX"', SURVIVED))
    assert not text.is_of(Mutant(FUNCTION, 'assert good, "so"', 'assert bad, "so"', SURVIVED))
    digits = EquivalentKind(".*", r"np\.float32", "a reason", only="digits")
    for becomes, is_of in (
        ("(x, None)", True),
        ("(x, )", True),
        ("(None, np.float32)", False),
        ("(y, np.float32)", False),
    ):
        assert digits.is_of(Mutant(FUNCTION, "(x, np.float32)", becomes, SURVIVED)) is is_of, becomes
    assert digits.is_of(Mutant(FUNCTION, "x.mean(axis=0, dtype=np.float32)", "x.mean(axis=0, )", SURVIVED))


NAMED = [one for one in read_equivalents() if isinstance(one, Equivalent)]


@pytest.mark.parametrize("named", NAMED, ids=lambda one: f"{one.function}: {one.becomes}")
def test_what_is_named_as_equivalent_stands_in_the_code_and_has_a_reason(named: Equivalent) -> None:
    module, _, name = named.function.rpartition(".")
    owner = None
    if not Path(*module.split(".")).with_suffix(".py").exists():
        module, _, owner = module.rpartition(".")
    found = import_module(module)
    function = getattr(getattr(found, owner) if owner else found, name)
    text = " ".join(getsource(function).split())
    assert " ".join(named.was.split()) in text
    assert named.reason
