"""``sorter-train``: explore data, train models, evaluate and compare them."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

# Before Keras is imported: TensorFlow's log about missing GPUs would hide our own messages.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from train import extra
from train.commands import compare, evaluate, explore, fit, mix, recipes, split
from train.errors import TrainError

INTERRUPTED = 130
"""Exit code after Ctrl-C, as shells have it."""


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    top = argparse.ArgumentParser(
        prog="sorter-train", description="Train the waste sorter's classifier, or evaluate one.", epilog=extra.note()
    )
    commands = top.add_subparsers(dest="command", required=True)
    for module in (explore, split, fit, mix, evaluate, compare, recipes):
        module.add_parser(commands)
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0: done; 2: data, settings or files cannot be used; 130: Ctrl-C."""
    options = build_parser().parse_args(arguments)
    logging.basicConfig(level=logging.INFO, format="%(message)s", stream=sys.stderr, force=True)
    try:
        code: int = options.run(options)
        return code
    except TrainError as error:
        print(f"sorter-train: {error}", file=sys.stderr)
        return error.exit_code
    except ModuleNotFoundError as error:
        print(f"sorter-train: {extra.sentence(error)}", file=sys.stderr)
        return TrainError.exit_code
    except OSError as error:
        # A folder that cannot be written, a full disk: the message suffices, without a stack trace.
        print(f"sorter-train: {error}", file=sys.stderr)
        return TrainError.exit_code
    except KeyboardInterrupt:
        hint = "; finished epochs are saved, the same command resumes the run" if options.command == "fit" else ""
        print(f"sorter-train: stopped{hint}", file=sys.stderr)
        return INTERRUPTED
