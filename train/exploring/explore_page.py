"""The HTML page about data sets."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from train.data.split import PART_NAMES
from train.exploring.charts import counts_chart, probes_chart, sizes_chart
from train.exploring.contact_sheet import contact_sheet, mean_picture, random_positions
from train.exploring.duplicates import NearDuplicatePair
from train.exploring.file_record import THUMBNAIL_SIDE, FileRecord
from train.exploring.findings import Findings
from train.exploring.remarks import describe_probe, remarks
from train.page import picture_uri, render

COLUMNS, ROWS = 9, 3
"""Columns and rows of a contact sheet; one row above ``MANY_SHEETS`` sheets, to limit the size of the page."""
MANY_SHEETS = 40
_MEANINGS = {
    "labels": "At least one label of each pair is probably wrong: correct it, or delete both.",
    "data sets": "One set was copied from the other, or both from a third: do not train on one and test on the other.",
    "parts of the split": "The model is tested on pictures that it was trained on: put each pair into one part.",
}
MOST_GROUPS, MOST_PAIRS, MOST_NAMES = 16, 12, 50


def explore_page(findings: Findings, seed: int) -> str:
    """Render the page. ``seed`` is that of the draw of pictures for the contact sheets."""
    records = findings.records
    leaks = findings.groups_across_parts()
    groups = [*leaks, *(row for row in findings.groups if row not in leaks)]
    return render(
        "explore.html.j2",
        findings=findings,
        remarks=remarks(findings),
        counts_chart=counts_chart(findings.counts, findings.data_sets),
        sizes_chart=sizes_chart(records, findings.data_sets),
        probes_chart=probes_chart(findings.probes) if findings.probes else "",
        probes=[{"probe": probe, "meaning": describe_probe(probe)} for probe in findings.probes],
        data_sets=[_data_set(findings, name) for name in findings.data_sets],
        parts=_parts(findings),
        unreadable=list(findings.unreadable.items())[:MOST_NAMES],
        copies=[[records[position] for position in row] for row in findings.exact_duplicates[:MOST_NAMES]],
        crossings=_crossings(findings),
        groups=[_group(findings, row) for row in groups[:MOST_GROUPS]],
        borders=_borders(findings),
        means=[
            {"label": label, "picture": picture_uri(mean_picture([record.thumbnail for record in mine]))}
            for label, mine in _by_label(records).items()
        ],
        sheets=_sheets(findings, np.random.default_rng(seed)),
    )


def _by_label(records: Sequence[FileRecord]) -> dict[str, list[FileRecord]]:
    labels = sorted({record.picture.label for record in records})
    return {label: [record for record in records if record.picture.label == label] for label in labels}


def _data_set(findings: Findings, name: str) -> dict[str, Any]:
    """A row of the table of files."""
    mine = [record for record in findings.records if record.data_set == name]
    if not mine:
        return {"name": name, "pictures": 0, "already_split": False}
    qualities = [record.quality for record in mine if record.quality is not None]
    sizes, counts = np.unique([(one.width, one.height) for one in mine], axis=0, return_counts=True)
    width, height = sizes[np.argmax(counts)]
    return {
        "name": name,
        "pictures": len(mine),
        "already_split": any(record.picture.part for record in mine),
        "size": f"{width} × {height}",
        "size_share": float(counts.max() / len(mine)),
        "smallest": min(min(one.width, one.height) for one in mine),
        "kilobytes": float(np.median([one.size_bytes for one in mine]) / 1000),
        "quality": _span(qualities) if qualities else "no JPEG",
    }


def _span(values: Sequence[float]) -> str:
    """Range of the middle 90 % of the values, as text."""
    low, high = np.percentile(values, [5, 95])
    return f"{low:.0f}" if round(low) == round(high) else f"{low:.0f} to {high:.0f}"


def _parts(findings: Findings) -> dict[str, dict[str, int]]:
    """Label -> part -> pictures; empty where nothing is split."""
    if not any(findings.parts):
        return {}
    table = {label: {"train": 0, "val": 0, "test": 0, "": 0} for label in findings.labels}
    for record, part in zip(findings.records, findings.parts, strict=True):
        table[record.picture.label][part] += 1
    return table


def _crossings(findings: Findings) -> list[dict[str, Any]]:
    """Near-duplicate pairs with different labels, data sets or parts."""
    labels = [record.picture.label for record in findings.records]
    sets = [record.data_set for record in findings.records]
    kinds = [("labels", findings.across_labels, labels)]
    if len(findings.data_sets) > 1:
        kinds.append(("data sets", findings.across_sets, sets))
    if any(findings.parts):
        kinds.append(("parts of the split", findings.across_parts, findings.parts))
    return [
        {
            "what": what,
            "meaning": _MEANINGS[what],
            "total": len(pairs),
            "pairs": [_pair(findings, pair, names) for pair in pairs[:MOST_PAIRS]],
        }
        for what, pairs, names in kinds
    ]


def _pair(findings: Findings, pair: NearDuplicatePair, names: Sequence[str]) -> dict[str, Any]:
    one, other = findings.records[pair.one], findings.records[pair.other]
    return {
        "picture": picture_uri(contact_sheet([one.thumbnail, other.thumbnail], 2, THUMBNAIL_SIDE)),
        "files": (one.picture.key, other.picture.key),
        "names": (names[pair.one], names[pair.other]),
        "distance": pair.distance,
    }


def _group(findings: Findings, row: Sequence[int]) -> dict[str, Any]:
    shown = [findings.records[position] for position in row[: 2 * COLUMNS]]
    return {
        "label": shown[0].picture.label,
        "first": shown[0].picture.key,
        "size": len(row),
        "parts": [part for part in PART_NAMES if part in {findings.parts[position] for position in row}],
        "picture": picture_uri(contact_sheet([one.thumbnail for one in shown], COLUMNS, 72)),
    }


def _borders(findings: Findings) -> list[dict[str, Any]]:
    """Mean border colour (CSS) of each label in each data set."""
    rows = []
    for label, mine in _by_label(findings.records).items():
        colours = {}
        for name in findings.data_sets:
            ring = [record.border_colour for record in mine if record.data_set == name]
            if ring:
                red, green, blue = np.rint(np.mean(ring, axis=0)).astype(int)
                colours[name] = {"css": f"rgb({red}, {green}, {blue})", "spread": float(np.std(ring, axis=0).mean())}
        rows.append({"label": label, "colours": colours})
    return rows


def _sheets(findings: Findings, random: np.random.Generator) -> list[dict[str, Any]]:
    """A contact sheet of each label in each data set."""
    many = sum(len(row) for row in findings.counts.values()) > MANY_SHEETS
    sheets = []
    for label, mine in _by_label(findings.records).items():
        for name in findings.data_sets:
            here = [record for record in mine if record.data_set == name]
            if here:
                shown = random_positions(len(here), COLUMNS * (1 if many else ROWS), random)
                picture = contact_sheet([here[int(position)].thumbnail for position in shown], COLUMNS, 88)
                sheets.append({"label": label, "data_set": name, "count": len(here), "picture": picture_uri(picture)})
    return sheets
