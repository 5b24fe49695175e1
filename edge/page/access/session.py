"""Who is logged in: a signed cookie that names the account, and a token that its forms and scripts have to send back."""

import base64
import hmac
import json
import secrets
from dataclasses import asdict, dataclass
from typing import Self

IDLE_S = 12 * 3600
"""A session that is not used for this long has ended, in seconds: a phone stays logged in over a day at work."""

LONGEST_S = 7 * 86_400
"""Longest session, in seconds, however much it is used."""

RENEW_S = 3600
"""Age at which the cookie of a session in use is signed anew, in seconds; also how far a clock may be set back."""

MOST_CHARACTERS = 1000
"""Longest cookie that is looked at."""


@dataclass(frozen=True, slots=True)
class Session:
    """One log-in, as its cookie says.

    Attributes:
        id: random; no other session has it.
        account: the account's name.
        epoch: how often the account's sessions had been ended everywhere, at the log-in.
        began_wall_s: time of the log-in, in seconds since 1970 UTC.
        signed_wall_s: time at which the cookie was signed.
    """

    id: str
    account: str
    epoch: int
    began_wall_s: float
    signed_wall_s: float

    @classmethod
    def begin(cls, account: str, epoch: int, wall_s: float) -> Self:
        """A new session of an account."""
        return cls(secrets.token_urlsafe(16), account, epoch, wall_s, wall_s)


class SessionSigner:
    """Turns sessions into cookies and back.

    Args:
        key: secret of this bin's page.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def cookie(self, session: Session) -> str:
        """The session's cookie."""
        content = base64.urlsafe_b64encode(json.dumps(asdict(session)).encode()).decode()
        return f"{content}.{self._mac('session', content)}"

    def read(self, cookie: str, *, wall_s: float) -> Session | None:
        """The session of a cookie; None: it is forged, or too old.

        Args:
            cookie: its value.
            wall_s: now, in seconds since 1970 UTC.
        """
        content, _, mac = cookie[:MOST_CHARACTERS].partition(".")
        if not hmac.compare_digest(mac.encode(), self._mac("session", content).encode()):
            return None
        session = Session(**json.loads(base64.urlsafe_b64decode(content)))
        is_used = -RENEW_S <= wall_s - session.signed_wall_s <= IDLE_S
        return session if is_used and wall_s - session.began_wall_s <= LONGEST_S else None

    def form_token(self, session: Session) -> str:
        """What a session's forms and scripts send along, and no other site can know."""
        return self._mac("form", session.id)

    def _mac(self, purpose: str, text: str) -> str:
        return hmac.digest(self._key, f"{purpose}:{text}".encode(), "sha256").hex()
