"""What each drawn picture of these pages was drawn from, in docs/pictures.json: a test notices one that is out of date."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

RECORDS = Path("docs/pictures.json")


def digest(path: Path) -> str:
    """SHA-256 of a file, in hex."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def picture_record(picture: Path, sources: Sequence[Path], decisions: Sequence[Mapping[str, str]]) -> dict[str, object]:
    """What is kept of one picture.

    Args:
        picture: the file.
        sources: the scripts that draw it.
        decisions: what the bin decides in it, in order. They change with the model, the line, the configuration and the
            simulated world, and with nothing else.
    """
    return {
        "sha256": digest(picture),
        "drawn_by": {source.name: digest(source) for source in sources},
        "decisions": list(decisions),
    }


def keep_record(picture: Path, sources: Sequence[Path], decisions: Sequence[Mapping[str, str]]) -> None:
    """Write the record of a picture that was just drawn. Arguments as of ``picture_record``."""
    records = json.loads(RECORDS.read_text(encoding="utf-8")) if RECORDS.exists() else {}
    records[picture.name] = picture_record(picture, sources, decisions)
    RECORDS.write_text(json.dumps(records, indent=1, sort_keys=True) + "\n", encoding="utf-8")
