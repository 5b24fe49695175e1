"""Checks of what the bin was taught: its head, and the bins of its labels."""

from collections.abc import Iterator

from edge.doctor.check_context import NO_CONFIG, CheckContext
from edge.doctor.finding import Finding, not_applicable, ok, warning
from edge.errors import SorterError
from edge.inference.bundle import read_bundle
from edge.inference.taught_classifier import answers_of
from edge.service.answering import decision_for_taught, no_bin_sentence
from edge.teaching.heads.head_check import check_head
from edge.teaching.heads.head_folder import HeadFolder

ADVICE = "fit it again with 'sorter teach fit', or go back with 'sorter teach back'"


def check_taught_head(context: CheckContext) -> Iterator[Finding]:
    """Check that the head in use fits the model, and that its labels have bins."""
    config = context.config
    if config is None:
        yield not_applicable("taught head", NO_CONFIG)
        return
    try:
        used = HeadFolder(config.head_file).current()
        if used is None:
            yield not_applicable("taught head", "nothing was taught: the model alone answers")
            return
        base = read_bundle(config.model.file).manifest
        check_head(used.head, base)
    except SorterError as error:
        found, _, advice = str(error).partition("; ")
        yield warning("taught head", f"{found}: an earlier one or the model alone answers", advice or ADVICE)
        return
    answers = answers_of(used.head)
    _, without = decision_for_taught(config.decision, answers, base, bins=config.bins)
    if without:
        sentence, _, advice = no_bin_sentence(without, config.decision).partition("; ")
        yield warning("taught head", sentence, advice)
    else:
        yield ok("taught head", ", ".join(answers.labels))
