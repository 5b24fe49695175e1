#!/usr/bin/env python3
"""Makes the first-boot files of many cards from one table, a folder for each.

python3 systemd/firstboot/make_cards.py bins.csv cards/ [--archive sorter.tar.gz] [--watchdog] [--log-in-memory]

The table is a CSV file as any spreadsheet saves it; bins.csv beside this file is an example. Nothing is written before every row
is in order. Needs Python 3.11 or newer, and the files beside it.
"""

import argparse
import shutil
import sys
import tarfile
import zlib
from pathlib import Path

# With PYTHONSAFEPATH set, Python does not look beside the script.
sys.path.insert(0, str(Path(__file__).parent))

from card import Card, CardError
from card_files import make_files
from card_table import COLUMNS, read_table

EX_DATA = 65
"""Exit code: the table is wrong (sysexits.h)."""


def write_cards(cards: list[Card], folder: Path, *, options: str, archive: Path | None) -> None:
    """Write a folder for each card, which only you may read: it holds the Wi-Fi's password.

    Raises:
        OSError: it cannot be written.
    """
    for card in cards:
        place = folder / card.host_name
        place.mkdir(mode=0o700, parents=True)
        for name, text in make_files(card, options).items():
            (place / name).write_text(text, encoding="utf-8", newline="\n")
        if archive is not None:
            shutil.copyfile(archive, place / "sorter.tar.gz")


def check_archive(path: Path) -> None:
    """Raises CardError: it is no archive of the project that the first boot could unpack and install."""
    expected = "expected one as 'git archive --prefix sorter/ --output sorter.tar.gz HEAD' makes it"
    try:
        with tarfile.open(path, "r:gz") as archive:
            # The first boot leaves the outermost folder out.
            names = {name.partition("/")[2] for name in archive.getnames()}
    except (OSError, EOFError, zlib.error, tarfile.TarError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else error
        raise CardError(f"--archive {path}: {reason}; {expected}") from error
    if "systemd/install.sh" not in names:
        raise CardError(f"--archive {path}: has no FOLDER/systemd/install.sh; {expected}")


def main() -> int:
    """Read the table, write the folders; exit code 65 if the table is wrong."""
    parser = argparse.ArgumentParser(prog="make_cards.py", description=(__doc__ or "").partition("\n\n")[0])
    parser.add_argument("table", type=Path, metavar="TABLE", help=f"CSV file with the columns {', '.join(COLUMNS)}")
    parser.add_argument("folder", type=Path, metavar="FOLDER", help="where to; must be empty or missing")
    parser.add_argument("--archive", type=Path, metavar="FILE", help="archive of the project, copied into each folder")
    parser.add_argument("--watchdog", action="store_true", help="every board restarts when its system hangs")
    parser.add_argument("--log-in-memory", action="store_true", help="leave the log where the system has it, in memory")
    arguments = parser.parse_args()
    options = [] if arguments.log_in_memory else ["--persistent-journal"]
    options += ["--watchdog"] if arguments.watchdog else []
    try:
        cards = read_table(arguments.table)
        if arguments.archive is not None:
            check_archive(arguments.archive)
        if arguments.folder.exists() and any(arguments.folder.iterdir()):
            raise CardError(f"{arguments.folder}: is not empty; name another folder")
        write_cards(cards, arguments.folder, options=" ".join(options), archive=arguments.archive)
    except CardError as error:
        sys.stderr.write("".join(f"make_cards: {line}\n" for line in str(error).splitlines()))
        return EX_DATA
    except OSError as error:
        sys.stderr.write(f"make_cards: {error.filename}: {error.strerror}\n")
        return EX_DATA
    archive = (
        ""
        if arguments.archive
        else ", and your sorter.tar.gz too, which is not in there (--archive FILE puts it there)"
    )
    place = f"{arguments.folder}/HOST_NAME"
    sys.stdout.write(f"{len(cards)} cards: copy what is in {place} onto the bootfs of each card{archive}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
