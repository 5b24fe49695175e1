"""``sorter-convert FILE.tflite --teachable DIR``: features and rehearsal for a finished bundle."""

import logging
from pathlib import Path

from rich.console import Console

from convert.features.teachable import describe_teachable, make_teachable
from convert.options import TeachableOptions
from edge.inference.bundle import read_bundle, write_bundle
from edge.inference.manifest import Manifest
from edge.terminal.console import make_console
from train.data.pictures import Picture, find_data
from train.data.split import Split
from train.errors import DataError, SettingsError

log = logging.getLogger("convert")


def make_file_teachable(model: Path, options: TeachableOptions) -> None:
    """Write the bundle with features and rehearsal, and print what was added. Its answers stay the same.

    Raises:
        SettingsError: the bundle is compiled for a Coral.
        SorterError: the file is not a bundle.
        DataError: the pictures cannot be used, or none of a label is among them.
    """
    bundle = read_bundle(model)
    if bundle.is_compiled:
        raise SettingsError(
            f"{model}: is compiled for a Coral; give the model that it was made from, and compile the result"
        )
    pictures = _training_pictures(bundle.manifest, options)
    made = make_teachable(bundle.flatbuffer, bundle.manifest, pictures, rehearse=options.rehearse)
    write_bundle(options.out, made.flatbuffer, made.manifest, made.rehearsal)
    _show(options.out, read_bundle(options.out).manifest, model.stat().st_size, make_console())


def _training_pictures(manifest: Manifest, options: TeachableOptions) -> list[Picture]:
    data = find_data(list(options.data), label_renames=dict(options.label_renames), labels=manifest.labels)
    for line in data.describe():
        log.warning("data: %s", line)
    if options.split is None:
        return data.pictures
    training = set(Split.load(options.split).parts["train"])
    pictures = [picture for picture in data.pictures if picture.key in training]
    if not pictures:
        raise DataError(f"split {options.split}: none of its training pictures is in the data; give the same folders")
    return pictures


def _show(out: Path, manifest: Manifest, bytes_before: int, console: Console) -> None:
    grown = (out.stat().st_size - bytes_before) / 1e6
    for line in [*describe_teachable(manifest), f"written to {out} ({grown:+.2f} MB)"]:
        console.print(line, highlight=False, soft_wrap=True, markup=False)
