"""Keep sessions in the database, each under a hash of its id: Django's SESSION_ENGINE.

Only the browser's cookie holds the id. Reading the table, a dump or a backup signs nobody in. The row is the session,
and also the line in its owner's list of sessions: there is one truth about which sessions exist, and deleting a row
ends a session for good.

A session ends when it has not been used for SESSION_IDLE, and in any case SESSION_COOKIE_AGE after the sign-in.
"""

from __future__ import annotations

import hashlib
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from django.conf import settings
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends.base import CreateError, SessionBase, UpdateError
from django.db import IntegrityError, transaction
from django.utils import timezone

from organizations.compiled import Compiled
from organizations.models import Session

#: The entry in a session's data that says when, with which browser and from where its person signed in.
SIGNED_IN = "signed_in"
#: How old the time of last use may be before it is written anew: one write in this time, however much is read.
SEEN_EVERY = timedelta(minutes=5)


_SESSION: Final = Compiled(lambda key: Session.objects.filter(key=key)[:1], str)


class Over(StrEnum):
    """Why there is no session behind the id that a browser sent."""

    NO = ""
    IDLE = "idle"
    ENDED = "ended"


def digest(session_key: str) -> str:
    """The key of a session's row. The id has 165 random bits, so no salt is needed to hide it."""
    return hashlib.sha256(session_key.encode()).hexdigest()


class SessionStore(SessionBase):
    """A session of one browser. Django's methods, and what the list of sessions is made from."""

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self.over = Over.NO
        self._seen_at: datetime | None = None
        self._is_new_here = False

    def note_sign_in(self, browser: str, place: str) -> None:
        """Begin the time of SESSION_COOKIE_AGE, and keep for its owner where it was."""
        self[SIGNED_IN] = {"at": timezone.now().isoformat(), "browser": browser[:200], "place": place}
        self._is_new_here = True

    def note_use(self, place: str) -> None:
        """Write when and from where it was used last, at most once in SEEN_EVERY."""
        now = timezone.now()
        if self.session_key is not None and self._seen_at is not None and self._seen_at < now - SEEN_EVERY:
            Session.objects.filter(key=digest(self.session_key)).update(seen_at=now, place=place)

    def load(self) -> dict[str, Any]:
        now = timezone.now()
        row = _SESSION.first(digest(self.session_key or ""))
        is_there = row is not None and row.ends_at > now
        if row is None or not is_there or row.seen_at < now - settings.SESSION_IDLE:
            self.over = Over.IDLE if is_there else Over.ENDED
            self._session_key = None  # an id that we did not give is never taken over
            return {}
        self._seen_at = row.seen_at
        return self.decode(row.data)

    def exists(self, session_key: str) -> bool:
        return Session.objects.filter(key=digest(session_key)).exists()

    def create(self) -> None:
        while True:
            self._session_key = self._get_new_session_key()  # type: ignore[attr-defined]
            try:
                self.save(must_create=True)
            except CreateError:
                continue
            self.modified = True
            return

    def save(self, must_create: bool = False) -> None:
        """Write the row. Raises UpdateError when the session was ended while its request was being answered."""
        if self.session_key is None:
            self.create()
            return
        data = self._get_session(no_load=must_create)  # type: ignore[attr-defined]
        row = self._row(data)
        if must_create or self._is_new_here:
            row["place"] = data.get(SIGNED_IN, {}).get("place", "")
        key = digest(self.session_key)
        if not must_create:
            if not Session.objects.filter(key=key).update(**row):
                raise UpdateError
            return
        try:
            with transaction.atomic():
                Session.objects.create(key=key, **row)
        except IntegrityError:
            raise CreateError from None

    def delete(self, session_key: str | None = None) -> None:
        key = session_key or self.session_key
        if key is not None:
            Session.objects.filter(key=digest(key)).delete()

    @classmethod
    def clear_expired(cls) -> None:
        Session.objects.filter(ends_at__lte=timezone.now()).delete()

    def get_session_cookie_age(self) -> int:
        """The seconds that are left of SESSION_COOKIE_AGE."""
        return max(0, round((self._latest_end() - timezone.now()).total_seconds()))

    def _row(self, data: dict[str, Any]) -> dict[str, Any]:
        return {
            "data": self.encode(data),
            "user_id": data.get(SESSION_KEY),
            "browser": data.get(SIGNED_IN, {}).get("browser", ""),
            "started_at": self._started_at(),
            "seen_at": timezone.now(),
            "ends_at": min(self.get_expiry_date(), self._latest_end()),
        }

    def _started_at(self) -> datetime:
        noted = self.get(SIGNED_IN)
        return datetime.fromisoformat(noted["at"]) if noted else timezone.now()

    def _latest_end(self) -> datetime:
        return self._started_at() + timedelta(seconds=settings.SESSION_COOKIE_AGE)
