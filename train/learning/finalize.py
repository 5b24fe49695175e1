"""Steps after the last epoch: the choice of the view, and the labels' bias."""

from train.learning.logit_bias import apply_logit_adjustment
from train.measuring.view_choice import choose_view
from train.runs.run_folder import RunFolder


def is_finalized(folder: RunFolder) -> bool:
    """Whether a run's view and bias have been chosen."""
    return folder.view_file.exists() and folder.bias_file.exists()


def finalize_run(folder: RunFolder) -> None:
    """Choose a finished run's view and adjust its labels' logits, unless that was done before.

    Raises:
        DataError: no validation picture can be read.
    """
    needs_view, needs_bias = not folder.view_file.exists(), not folder.bias_file.exists()
    if not (needs_view or needs_bias):
        return
    model = folder.load_best()
    if needs_view:
        choose_view(folder, model)
    if needs_bias:
        apply_logit_adjustment(folder, model)
