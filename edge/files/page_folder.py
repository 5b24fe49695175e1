"""Where the bin's page keeps who may do what: known to the page, which loads no configuration, and to backups."""

from pathlib import Path

FOLDER = "page"
"""Name of the folder of accounts, keys and changes, beside the event log."""

ACCOUNTS = "accounts.json"
"""Name of the file of the accounts in it."""

MOST_ACCOUNTS_BYTES = 200_000
"""Largest file of accounts that is read, in bytes: ten times what the most accounts take."""


def page_folder(event_log: Path) -> Path:
    """The folder of the page of a bin with this event log, where its command line names no other."""
    return event_log.parent / FOLDER
