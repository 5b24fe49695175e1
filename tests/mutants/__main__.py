"""``python -m tests.mutants [--room ROOM] [--survivors]``: what mutmut found, room by room.

Exit code 1 if in any room fewer than ``LEAST_SHARE`` of the mutants were killed, not counting the equivalent ones that are
named in ``equivalents.toml``, if one that is named there was killed or is gone, or if some were not run.
"""

import argparse
from pathlib import Path

from tests.mutants.equivalents import read_equivalents
from tests.mutants.mutant import SURVIVED, read_mutants
from tests.mutants.report import LEAST_SHARE, make_report


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants")
    parser.add_argument("--room", help="this room alone, such as guard")
    parser.add_argument("--survivors", action="store_true", help="list what survived and is not named")
    parser.add_argument("--folder", type=Path, default=Path("mutants"), help="mutmut's folder (default: %(default)s)")
    arguments = parser.parse_args()
    mutants = list(read_mutants(arguments.folder))
    if not mutants:
        parser.error(f"{arguments.folder}: no mutants there; run 'make test-mutants'")
    equivalents = read_equivalents()
    if arguments.room:
        mutants = [one for one in mutants if one.room == arguments.room]
        equivalents = [one for one in equivalents if arguments.room in one.function.replace("\\", "").split(".")]
    report = make_report(mutants, equivalents)
    if arguments.survivors:
        for one in report.left:
            print(f"{one.function}{'' if one.outcome == SURVIVED else ' (not run)'}\n  - {one.was}\n  + {one.becomes}")
    print(report.table)
    for stale in report.stale:
        print(f"equivalents.toml: {stale.function}: {stale.was!r}: names no survivor any more; delete the entry")
    if not report.is_enough:
        print(f"expected at least {LEAST_SHARE:.0%} in every room, every mutant run, and no stale entry")
    return 0 if report.is_enough else 1


if __name__ == "__main__":
    raise SystemExit(main())
