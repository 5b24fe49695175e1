"""Remarks: the meaning of each finding in one sentence."""

from collections import Counter
from dataclasses import dataclass

from train.data.item_clues import find_items
from train.exploring.findings import Findings
from train.exploring.shortcuts import Probe

IMBALANCE = (3.0, 10.0)
"""Ratio of the most frequent to the rarest label from which the verdict is "look", and "bad"."""
SCARCE = 50
"""Number of pictures of a label below which it is hard to learn and to test: an accuracy of 0.9 on the 7 test pictures of 50
has a standard error of 0.11."""
UNREADABLE_SHARE = 0.01
"""Share of unreadable files above which the verdict is "bad": more than single damaged files."""
MOST_NAMED = 3
"""Number of unreadable files that are named in the remark; the page lists more."""
SIMILAR_SHARE = 0.25
"""Share of pictures with a similar one above which the verdict is "look": the number of different items is then much smaller
than that of pictures."""


@dataclass(frozen=True, slots=True)
class Remark:
    """One sentence with its verdict: "good", "look" or "bad"."""

    verdict: str
    text: str


def remarks(findings: Findings) -> list[Remark]:
    """Remarks on all findings, the most severe first."""
    found = [*_balance(findings), *_files(findings), *_duplicates(findings), *_items(findings)]
    found += [Remark(probe.verdict, describe_probe(probe)) for probe in findings.probes]
    return sorted(found, key=lambda remark: ("bad", "look", "good").index(remark.verdict))


def describe_probe(probe: Probe) -> str:
    """The meaning of a probe's accuracy."""
    where = "all data sets together" if probe.scope == "all" else probe.scope
    reached = f"predict {100 * probe.best:.0f} % of the labels in {where} (majority: {100 * probe.majority:.0f} %)"
    heavy = probe.verdict != "good"
    if probe.clue == "border":
        return f"The borders alone {reached}: " + (
            "a model can learn the background instead of the item. Train with the object view and replaced backgrounds, and "
            "evaluate on photographs taken elsewhere."
            if heavy
            else "the background contains little information."
        )
    if probe.clue == "colours":
        return f"The colours alone {reached}: " + (
            "probably more than the items' own colours explain; check whether background and light differ between labels."
            if heavy
            else "as expected from the items' own colours."
        )
    if probe.clue == "file":
        return f"Size, shape and JPEG quality alone {reached}: " + (
            "the labels' pictures were cut out or saved in different ways, or come from different sources; make all in one way, "
            "and evaluate on pictures that were."
            if heavy
            else "they say little about the label."
        )
    return f"The name of the data set alone would {reached}: " + (
        "labels are in different data sets, so that the data set gives the label away; take each label from each set."
        if heavy
        else "by itself it hardly helps."
    )


def _balance(findings: Findings) -> list[Remark]:
    totals = {label: sum(row.values()) for label, row in findings.counts.items()}
    most, rarest = max(totals, key=totals.__getitem__), min(totals, key=totals.__getitem__)
    look, bad = IMBALANCE
    ratio = findings.imbalance
    if ratio == 1:
        found = [Remark("good", f"Every label has {totals[most]} pictures.")]
    else:
        verdict = "bad" if ratio >= bad else "look" if ratio >= look else "good"
        advice = (
            ": well balanced."
            if verdict == "good"
            else "; increase the weight of rare labels, and compare by macro F1."
        )
        compared = f"{most} has {ratio:.1f} times as many pictures as {rarest} ({totals[most]} to {totals[rarest]})"
        found = [Remark(verdict, compared + advice)]
    alone = [label for label, row in findings.counts.items() if len(row) == 1]
    if len(findings.data_sets) > 1 and alone:
        found.append(
            Remark(
                "bad" if len(alone) == len(totals) else "look",
                f"In one data set only: {', '.join(alone)}; a model can recognize these by the set instead of the item, and no "
                "figure here would show it.",
            )
        )
    scarce = [label for label, count in totals.items() if count < SCARCE]
    if scarce:
        found.append(
            Remark("look", f"Fewer than {SCARCE} pictures: {', '.join(scarce)}; add pictures, or merge labels.")
        )
    return found


def _files(findings: Findings) -> list[Remark]:
    found = []
    if findings.unreadable:
        share = len(findings.unreadable) / len(findings.pictures)
        shown = [f"{key}: {reason}" for key, reason in list(findings.unreadable.items())[:MOST_NAMED]]
        more = len(findings.unreadable) - len(shown)
        named = "; ".join(shown) + (f"; and {more} more" if more else "")
        found.append(
            Remark(
                "bad" if share > UNREADABLE_SHARE else "look",
                f"{_count(len(findings.unreadable), 'file')} cannot be read; training leaves them out: {named}.",
            )
        )
    else:
        found.append(Remark("good", f"All {len(findings.pictures)} pictures can be read."))
    for label, (number, reason) in findings.unreadable_labels.items():
        found.append(Remark("bad", f"None of {_count(number, 'picture')} of {label} can be read: {reason}."))
    for folder, reason in findings.data.empty.items():
        found.append(Remark("bad", f"No picture of {folder}: {reason}."))
    found += [Remark("look", f"{note[:1].upper()}{note[1:]}.") for note in findings.data.notes]
    if findings.data.skipped:
        kinds = ", ".join(f"{count} {ending}" for ending, count in findings.data.skipped.items())
        found.append(Remark("look", f"Files that are not pictures: {kinds}; convert them if they should be pictures."))
    parts = Counter(bool(part) for part in findings.parts)
    if parts[True] and parts[False]:
        found.append(
            Remark("look", f"{_count(parts[False], 'picture')} in no part of the split, {parts[True]} in one.")
        )
    return found


def _duplicates(findings: Findings) -> list[Remark]:
    found = []
    extra = sum(len(row) - 1 for row in findings.exact_duplicates)
    if extra:
        found.append(Remark("look", f"{_count(extra, 'file')} with an identical copy; delete the copies."))
    else:
        found.append(Remark("good", "There are no identical files."))
    if findings.across_labels:
        number = _count(len(findings.across_labels), "near-duplicate pair")
        found.append(Remark("bad", f"{number} with two labels: at least one label of each is probably wrong."))
    if findings.across_sets:
        number = _count(len(findings.across_sets), "near-duplicate pair")
        found.append(Remark("bad", f"{number} across data sets: neither is an independent test for the other."))
    if findings.across_parts:
        number = _count(len(findings.across_parts), "near-duplicate pair")
        found.append(Remark("bad", f"{number} across training and test: the measured accuracy will be too high."))
    elif any(findings.parts) and not findings.groups_across_parts():
        found.append(Remark("good", "No near-duplicates lie in two parts of the split."))
    spread = findings.groups_across_parts()
    if spread:
        found.append(
            Remark(
                "look",
                f"{_count(len(spread), 'group')} of similar pictures in more than one part: check whether they show one item.",
            )
        )
    if findings.groups:
        share = sum(len(row) for row in findings.groups) / len(findings.records)
        found.append(
            Remark(
                "look" if share > SIMILAR_SHARE else "good",
                f"{100 * share:.0f} % of the pictures are similar to another of the same label; fit keeps such pictures in one "
                "part.",
            )
        )
    if not findings.with_network:
        found.append(
            Remark(
                "look",
                "Similar pictures were searched for by thumbnail and colours alone; --weights trashnet6 finds more, without a "
                "download.",
            )
        )
    return found


def _items(findings: Findings) -> list[Remark]:
    """What split and fit will say of pictures of one item: likeness may find none, and there may be many."""
    clues = find_items(findings.pictures)
    return [
        Remark(verdict, f"Items: {sentence}.")
        for verdict, sentences in (("good", clues.found), ("look", clues.doubts))
        for sentence in sentences
    ]


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}{'' if number == 1 else 's'}"
