"""Accounts of the bin's page, as far as they belong to a backup: who may log in, not which sessions are open."""

import json
from pathlib import Path

from edge.config.schema import Config
from edge.files.bounded import read_bounded
from edge.files.page_folder import ACCOUNTS, MOST_ACCOUNTS_BYTES, page_folder

ACCOUNTS_NAME = ACCOUNTS
"""Name in the backup."""

PRIVATE = 0o600
"""Mode of the file: it holds hashes of passwords."""


def accounts_place(config: Config) -> Path:
    """Where they are; they need not be there."""
    return page_folder(config.event_log.file) / ACCOUNTS


def check_accounts(path: Path) -> None:
    """Check a file of a backup.

    Raises:
        ValueError: it is no file of accounts.
    """
    try:
        content = json.loads(read_bounded(path, MOST_ACCOUNTS_BYTES))
        is_one = isinstance(content["format"], int) and all(isinstance(one["name"], str) for one in content["accounts"])
    except (KeyError, TypeError, RecursionError) as error:
        raise ValueError("it is no file of accounts") from error
    if not is_one:
        raise ValueError("it is no file of accounts")
