"""``recipes``: list the packaged recipes."""

import argparse

from rich.table import Table

from edge.terminal.console import make_console
from train.runs import recipe


def add_parser(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Add ``recipes`` to the command line."""
    parser = commands.add_parser("recipes", help="list the packaged recipes", description="List the recipes.")
    parser.set_defaults(run=run)


def run(options: argparse.Namespace) -> int:
    """Print a table; returns the exit code."""
    table = Table("recipe", "network", "description")
    for name in recipe.recipe_names():
        found = recipe.load_recipe(name)
        settings = found.settings()
        table.add_row(name, f"{settings.arch}, {settings.size}x{settings.size}", found.about)
    make_console().print(table)
    return 0
