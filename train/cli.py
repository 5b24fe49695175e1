"""``sorter-train``: explore data, train models, evaluate and compare them."""

import argparse
import logging
import os
import sys
from collections.abc import Sequence

# Before Keras is imported: TensorFlow's log about missing GPUs would hide our own messages.
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")

from edge.terminal.launch import INTERRUPTED
from edge.terminal.log_filter import log_to_stderr
from edge.terminal.output import say_error, say_os_error
from edge.terminal.parser import PrintableParser, add_examples, add_version, commands_of
from train import extra
from train.commands import compare, evaluate, explore, fit, interpolate, masks, mix, probe, recipes, split
from train.commands.examples import EXAMPLES
from train.errors import TrainError


def build_parser() -> argparse.ArgumentParser:
    """The command line."""
    top = PrintableParser(
        prog="sorter-train", description="Train the waste sorter's classifier, or evaluate one.", epilog=extra.note()
    )
    add_version(top)
    commands = top.add_subparsers(dest="command", required=True)
    for module in (explore, masks, split, probe, fit, mix, interpolate, evaluate, compare, recipes):
        module.add_parser(commands)
    for name, command in commands_of(top):
        add_examples(command, EXAMPLES.get(name, ()))
    return top


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command; returns the exit code: 0: done; 2: data, settings or files cannot be used; 130: Ctrl-C."""
    options = build_parser().parse_args(arguments)
    log_to_stderr(logging.INFO)
    logging.getLogger("matplotlib").setLevel(logging.WARNING)  # it tells of its list of fonts
    try:
        code: int = options.run(options)
        return code
    except TrainError as error:
        say_error("sorter-train", error)
        return error.exit_code
    except ModuleNotFoundError as error:
        say_error("sorter-train", extra.sentence(error))
        return TrainError.exit_code
    except BrokenPipeError:
        sys.stdout = None  # whoever read it (head, less) has left
        return 0
    except OSError as error:
        # A folder that cannot be written, a full disk: the message suffices, without a stack trace.
        say_os_error("sorter-train", error)
        return TrainError.exit_code
    except KeyboardInterrupt:
        hint = "; finished epochs are saved, the same command resumes the run" if options.command == "fit" else ""
        say_error("sorter-train", f"stopped{hint}")
        return INTERRUPTED
