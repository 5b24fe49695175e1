"""The page's door: accounts, sessions, failed attempts, and the list of changes, all in one folder."""

import asyncio
import logging
import os
import secrets
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from starlette.concurrency import run_in_threadpool

from edge.files.bounded import read_bounded
from edge.files.owner import make_folder
from edge.files.page_folder import ACCOUNTS
from edge.files.state_files import set_aside, write_whole
from edge.page.access.accounts import Accounts, UserAccount
from edge.page.access.attempts import Attempts
from edge.page.access.audit import Audit
from edge.page.access.first_visit import FirstVisit
from edge.page.access.session import RENEW_S, Session, SessionSigner
from edge.page.texts import PageError, mark
from hardware.clock import Clock

log = logging.getLogger(__name__)

KEY_BYTES = 32

MOST_CHECKS = 8
"""Most passwords that are checked or wait for it at a time: the last one waits for some seconds."""


class TooBusyError(PageError):
    """Too many others ask for the same."""


@dataclass(frozen=True, slots=True)
class Visitor:
    """Somebody who is logged in.

    Attributes:
        account: their account, as it is now.
        session: their log-in.
        form_token: what their forms and scripts have to send along.
        renewed_cookie: a newer cookie for the session; None: the one they have is new enough.
    """

    account: UserAccount
    session: Session
    form_token: str
    renewed_cookie: str | None = None


class PageDoor:
    """Decides who is who.

    Args:
        folder: where accounts, the key of the sessions and the list of changes are kept; it is made.
        clock: tells how old a session is, and how long ago somebody failed.

    Raises:
        OSError: the folder cannot be made or written.
    """

    def __init__(self, folder: Path, clock: Clock) -> None:
        make_folder(folder)
        self._clock = clock
        self.accounts = Accounts(folder / ACCOUNTS)
        self.audit = Audit(folder / "changes.jsonl", clock)
        self.attempts = Attempts(clock)
        self.first_visit = FirstVisit(clock)
        self._one_hash = asyncio.Lock()
        self._checks = 0
        self._signer = SessionSigner(_read_key(folder / "session.key"))

    async def check(self, name: str, password: str) -> UserAccount | None:
        """The account whose name and password these are; None: there is none. Takes a second on a Pi, right or wrong.

        Raises:
            TooBusyError: too many others wait for the same.
        """
        if self._checks >= MOST_CHECKS:
            raise TooBusyError(mark("The bin is busy: try again."))
        self._checks += 1
        try:
            # A hash takes 16 MB: attackers may not make it sixteen times as much, nor take every thread.
            async with self._one_hash:
                return await run_in_threadpool(self.accounts.check, name, password)
        finally:
            self._checks -= 1

    def open_session(self, account: UserAccount) -> str:
        """Log an account in: the cookie of a new session."""
        return self._signer.cookie(Session.begin(account.name, account.epoch, self._clock.wall_s()))

    def visitor(self, cookie: str) -> Visitor | None:
        """Who has this cookie; None: nobody that may be here."""
        now_wall_s = self._clock.wall_s()
        session = self._signer.read(cookie, wall_s=now_wall_s)
        if session is None or self.accounts.has_ended(session.id):
            return None
        account = self.accounts.get(session.account)
        if account is None or account.epoch != session.epoch:
            return None
        is_due = now_wall_s - session.signed_wall_s > RENEW_S
        renewed = self._signer.cookie(replace(session, signed_wall_s=now_wall_s)) if is_due else None
        return Visitor(account, session, self._signer.form_token(session), renewed)


def _read_key(path: Path) -> bytes:
    """The key that sessions are signed with; it is made where there is none. Without it everybody logs in again, no more.

    Raises:
        OSError: it cannot be written.
    """
    with suppress(FileNotFoundError):
        with suppress(OSError, ValueError):
            key = read_bounded(path, KEY_BYTES)
            if len(key) == KEY_BYTES:
                return key
        log.warning("key of the page's sessions: %s is damaged; it is kept as %s", path, set_aside(path, most=1).name)
    key = secrets.token_bytes(KEY_BYTES)
    write_whole(path, key, durable=True, check=lambda part: os.chmod(part, 0o600))
    return key
