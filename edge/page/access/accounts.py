"""The page's accounts: names, roles and password hashes, in one file of the state folder."""

import json
import logging
import re
import threading
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from edge.files.bounded import read_bounded
from edge.files.page_folder import MOST_ACCOUNTS_BYTES
from edge.files.state_files import set_aside, write_whole
from edge.page.access.password import hash_password, is_password
from edge.page.access.roles import Role
from edge.page.texts import PageError, mark

log = logging.getLogger(__name__)

FORMAT = 1
"""Version of the file's format."""

MOST_ACCOUNTS = 50

MOST_ENDED = 200
"""Number of ended sessions that are kept, so that a copy of their cookie is no use; older ones have mostly run out."""

NAME = re.compile(r"[\w.@-]{1,40}")

NOBODY = "scrypt$16384$8$5$AAAAAAAAAAAAAAAAAAAAAA==$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
"""Hash that a password is compared with where there is no such account, so that both take as long."""


class AccountError(PageError):
    """An account cannot be made or changed."""


@dataclass(frozen=True, slots=True)
class UserAccount:
    """Somebody who may log in.

    Attributes:
        name: what is typed to log in.
        role: what they may do.
        password: hash of the password.
        epoch: how often all sessions of the account were ended; sessions of an earlier count are no longer good.
    """

    name: str
    role: Role
    password: str
    epoch: int = 0


class Accounts:
    """All accounts. Every change is on disk when its method returns. Methods may be called from any thread.

    A file that cannot be read is set aside; nobody can log in then until a first visit makes an account.

    Args:
        path: the file; its folder exists.

    Raises:
        PermissionError: this user may not read it.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.Lock()
        self._accounts, self._ended = self._read()

    def __len__(self) -> int:
        return len(self._accounts)

    def all(self) -> list[UserAccount]:
        """Every account, by name."""
        return sorted(self._accounts.values(), key=lambda one: one.name)

    def get(self, name: str) -> UserAccount | None:
        """An account; None: there is none of this name."""
        return self._accounts.get(name)

    def check(self, name: str, password: str) -> UserAccount | None:
        """The account whose name and password these are; None: there is none. Takes a second on a Pi, right or wrong."""
        account = self._accounts.get(name)
        is_right = is_password(password, NOBODY if account is None else account.password)
        return account if is_right else None

    def add(self, name: str, role: Role, password: str) -> UserAccount:
        """Make an account.

        Raises:
            AccountError: the name is taken or cannot be one, or there are too many.
            PasswordRefusedError: the password cannot be one.
            OSError: it cannot be written.
        """
        if NAME.fullmatch(name) is None:
            raise AccountError(mark("A name has 1 to 40 letters, digits or any of . @ _ -"))
        account = UserAccount(name, role, hash_password(password))

        def make() -> None:
            if name in self._accounts:
                raise AccountError(mark("There is an account named %(name)s already."), name=name)
            if len(self._accounts) >= MOST_ACCOUNTS:
                raise AccountError(mark("There are %(most)s accounts already: remove one first."), most=MOST_ACCOUNTS)
            self._accounts[name] = account

        self._change(make)
        return account

    def set_password(self, name: str, password: str) -> UserAccount:
        """Change a password; all sessions of the account end.

        Raises:
            AccountError: there is no such account.
            PasswordRefusedError: the password cannot be one.
            OSError: it cannot be written.
        """
        kept = hash_password(password)
        self._replace(name, lambda old: replace(old, password=kept, epoch=old.epoch + 1))
        return self._existing(name)

    def set_role(self, name: str, role: Role) -> None:
        """Change what an account may do.

        Raises:
            AccountError: there is no such account, or nobody could set up the bin any more.
            OSError: it cannot be written.
        """
        self._replace(name, lambda old: replace(old, role=role))

    def end_sessions(self, name: str) -> None:
        """Log an account out everywhere.

        Raises:
            AccountError: there is no such account.
            OSError: it cannot be written.
        """
        self._replace(name, lambda old: replace(old, epoch=old.epoch + 1))

    def remove(self, name: str) -> None:
        """Delete an account.

        Raises:
            AccountError: there is no such account, or nobody could set up the bin any more.
            OSError: it cannot be written.
        """

        def delete() -> None:
            self._existing(name)
            del self._accounts[name]
            self._check_somebody_sets_up()

        self._change(delete)

    def clear(self) -> None:
        """Delete every account: the next visit is a first one.

        Raises:
            OSError: it cannot be written.
        """
        self._change(self._accounts.clear)

    def end_session(self, session_id: str) -> None:
        """Remember that one session has ended.

        Raises:
            OSError: it cannot be written.
        """
        self._change(lambda: self._ended.__setitem__(session_id, None))

    def has_ended(self, session_id: str) -> bool:
        """Whether a session was ended by its owner."""
        return session_id in self._ended

    def _replace(self, name: str, changed: Callable[[UserAccount], UserAccount]) -> None:
        def put() -> None:
            self._accounts[name] = changed(self._existing(name))
            self._check_somebody_sets_up()

        self._change(put)

    def _existing(self, name: str) -> UserAccount:
        account = self._accounts.get(name)
        if account is None:
            raise AccountError(mark("There is no account named %(name)s."), name=name)
        return account

    def _check_somebody_sets_up(self) -> None:
        if not any(one.role is Role.SET_UP for one in self._accounts.values()):
            raise AccountError(mark("Nobody could set up the bin any more: give another account this role first."))

    def _change(self, change: Callable[[], None]) -> None:
        """Make a change and write it; what cannot be made or written is undone."""
        with self._lock:
            before = dict(self._accounts), dict(self._ended)
            try:
                change()
                while len(self._ended) > MOST_ENDED:
                    del self._ended[next(iter(self._ended))]
                self._write()
            except BaseException:
                self._accounts, self._ended = before
                raise

    def _write(self) -> None:
        content = {"format": FORMAT, "accounts": [asdict(one) for one in self.all()], "ended": list(self._ended)}
        data = json.dumps(content, indent=1).encode()
        write_whole(self._path, data, durable=True, check=lambda part: part.chmod(0o600))

    def _read(self) -> tuple[dict[str, UserAccount], dict[str, None]]:
        try:
            content = json.loads(read_bounded(self._path, MOST_ACCOUNTS_BYTES))
            if content["format"] != FORMAT:
                raise ValueError(f"expected format {FORMAT}, got {content['format']}")
            accounts = [UserAccount(**(one | {"role": Role(one["role"])})) for one in content["accounts"]]
            return {one.name: one for one in accounts}, dict.fromkeys(map(str, content["ended"]))
        except FileNotFoundError:
            return {}, {}
        except PermissionError:
            raise
        except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
            kept = set_aside(self._path)
            log.warning("accounts of the page: %s cannot be read (%s); it is kept as %s", self._path, error, kept.name)
            return {}, {}
