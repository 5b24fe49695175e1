"""What an upgrade changes in the default configuration, merged into a copy of the user's: ``config.yaml.new`` beside it.

``python -m edge.calibrate.default_merge BEFORE AFTER OWN``, called by systemd/install.sh. The user's file is never changed.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from edge.calibrate.config_keys import MISSING, USER_NAMED, leaves, name_of, show, tree_of, value_at
from edge.calibrate.proposal import Key
from edge.calibrate.yaml_edit import rewritten
from edge.calibrate.yaml_patch import YamlPatch
from edge.config.file import load_config
from edge.errors import ConfigError, SorterError
from edge.files.state_files import write_whole
from edge.terminal.output import say, say_error
from hardware.text_file import read_text


@dataclass(frozen=True)
class DefaultMerge:
    """A configuration with what is new in the default.

    Attributes:
        text: the merged text.
        added: keys that are new, with their defaults.
        followed: keys whose default has changed and which had the former default: former and new value.
        kept: keys whose default has changed and which have another value: own and new default.
        removed: keys that are no more: own value.
    """

    text: str
    added: dict[Key, object]
    followed: dict[Key, tuple[object, object]]
    kept: dict[Key, tuple[object, object]]
    removed: dict[Key, object]

    @property
    def changes(self) -> bool:
        """Whether anything differs."""
        return bool(self.added or self.followed or self.kept or self.removed)

    def lines(self) -> Iterator[str]:
        """What differs, a line for each key."""
        for key, value in self.added.items():
            yield f"new      {name_of(key)}: {show(key, value)}"
        for key, (before, after) in self.followed.items():
            yield f"default  {name_of(key)}: {show(key, before)} -> {show(key, after)}"
        for key, (own, after) in self.kept.items():
            yield f"yours    {name_of(key)}: {show(key, own)} stays (the default is {show(key, after)} now)"
        for key, own in self.removed.items():
            yield f"gone     {name_of(key)}: {show(key, own)}"


def merge_default(before: str, after: str, own: str) -> DefaultMerge:
    """Merge the change of the default into the user's text, which keeps its values, comments and order.

    Args:
        before: the default configuration of the release before.
        after: that of the new release.
        own: the user's configuration.

    Raises:
        ConfigError: a text is no configuration, or uses YAML features that cannot be preserved.
    """
    old, new, mine = (tree_of(text) for text in (before, after, own))
    added: dict[Key, object] = {}
    followed: dict[Key, tuple[object, object]] = {}
    kept: dict[Key, tuple[object, object]] = {}
    removed: dict[Key, object] = {}
    for key, value in leaves(new):
        earlier, present = value_at(old, key), value_at(mine, key)
        if present is MISSING:
            # A key that was there before and that the user left out stays left out: it has its default.
            if earlier is MISSING:
                added[key] = value
        elif key not in USER_NAMED and earlier is not MISSING and earlier != value and present != value:
            (followed if present == earlier else kept)[key] = (present, value)
    for key, _ in leaves(old):
        if value_at(new, key) is MISSING and (present := value_at(mine, key)) is not MISSING:
            removed[key] = present
    return DefaultMerge(_merged_text(after, own, added, followed, removed), added, followed, kept, removed)


def _merged_text(
    after: str,
    own: str,
    added: Mapping[Key, object],
    followed: Mapping[Key, tuple[object, object]],
    removed: Mapping[Key, object],
) -> str:
    """The user's text with the lines of the new default; where lines cannot be copied, with the values alone."""
    settings = dict(added) | {key: value for key, (_, value) in followed.items()}
    patch = YamlPatch(own)
    for key in followed:
        patch.replace(key, after)
    for key in added:
        patch.insert(key, after)
    for key in removed:
        patch.remove(key)
    if _reads_as(patch.text, own, settings, removed):
        return patch.text
    text = rewritten(own, settings)
    patch = YamlPatch(text)
    for key in removed:
        patch.remove(key)
    return patch.text if _reads_as(patch.text, own, settings, removed) else text


def _reads_as(text: str, own: str, settings: Mapping[Key, object], removed: Mapping[Key, object]) -> bool:
    """Whether a text is the user's with some keys set and some removed, as the bin reads it."""
    wanted = dict(leaves(tree_of(own)))
    wanted.update(settings)
    for key in removed:
        wanted.pop(key, None)
    try:
        found = dict(leaves(tree_of(text)))
    except ConfigError:
        return False
    return found == wanted


def main(files: Sequence[str]) -> int:
    """Write ``OWN.new`` if there is something to merge, and say what; a file from an earlier upgrade is removed otherwise."""
    before, after, own = (Path(name) for name in files)
    offered = own.with_name(f"{own.name}.new")
    try:
        text = read_text(own)
        merge = merge_default(read_text(before), read_text(after), text)
        if merge.text == text:
            offered.unlink(missing_ok=True)
        else:
            write_whole(offered, merge.text.encode(), durable=True, like=own, check=_check)
    except (SorterError, OSError, ValueError) as error:
        say_error("install", f"{own}: the changes of the default cannot be merged; compare it with {after} ({error})")
        return 1
    for line in ("the default configuration has changed:", *(f"  {line}" for line in merge.lines())):
        if merge.changes:
            say(line)
    if merge.text != text:
        say(
            f"merged with yours: {offered}; {own} is unchanged. To take it: "
            f"sudo cp -p {own} {own}.before && sudo mv {offered} {own}, then restart the sorter"
        )
    return 0


def _check(merged: Path) -> None:
    """Raises ConfigError if the new release does not accept the merged configuration."""
    load_config(merged)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
