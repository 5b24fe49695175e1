"""``masks``: find the items of training pictures by a salient-object network, for ``fit --set masks=DIR``."""

import argparse
import logging
from pathlib import Path

from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from edge.errors import PictureError
from edge.terminal.console import make_console
from train.commands.options import add_keep_damaged_option, data_folders
from train.data.pictures import find_data, read_pixels
from train.data.salient_masks import SalientMasks
from train.files import check_output_folder
from train.network.salient import SalientNetwork

log = logging.getLogger("train")


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``masks`` to the command line."""
    parser = commands.add_parser(
        "masks",
        help="find the items of training pictures by a salient-object network, for fit",
        description="Find the items of training pictures by U2-Net, about a second a picture. Masks that are there already, "
        "of a call that was stopped or of other data sets, are kept. fit uses them with --set masks=DIR.",
    )
    parser.add_argument("--data", nargs="+", default=[], metavar="DIR", help="folders of pictures, as for fit")
    parser.add_argument(
        "--network", type=Path, required=True, metavar="FILE", help="u2net.onnx, or the wheel that contains it"
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of masks")
    parser.add_argument("--threads", type=int, default=1, help="processor cores to use (default: %(default)s)")
    add_keep_damaged_option(parser)
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Make the masks that are missing; returns the exit code.

    Raises:
        TrainError: there are no pictures, or the network cannot be used.
    """
    check_output_folder(options.out, "--out")
    data = find_data(data_folders(options.data), keep_damaged=options.keep_damaged)
    for line in data.describe():
        log.warning("data: %s", line)
    network, masks = SalientNetwork(options.network, threads=max(options.threads, 1)), SalientMasks(options.out)
    console = make_console()
    made = reliable = 0
    columns = (TextColumn("masks"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal, transient=True) as progress:
        for picture in progress.track(data.pictures):
            try:
                content = picture.path.read_bytes()
                if masks.path(content).exists():
                    reliable += masks.find(content) is not None
                    continue
                masks.save(content, network.probabilities(read_pixels(picture)))
            except (OSError, PictureError) as error:
                log.warning("no mask: %s: %s", picture.path, error)
                continue
            made += 1
            reliable += masks.find(content) is not None
    console.print(
        f"{options.out}: masks of {reliable} of {len(data.pictures)} pictures can be relied on ({made} made now); "
        "the others keep the mask that the bin would find",
        highlight=False,
        soft_wrap=True,
    )
    return 0
