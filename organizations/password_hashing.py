"""Hash passwords with Argon2id, in so much memory that a small server can.

A hash takes 19 MiB and two passes on one core, the first choice of OWASP's Password Storage Cheat Sheet. At most
AT_ONCE are computed at the same time in a process, so that sign-ins need 76 MiB however many threads there are; the
others wait for some hundredths of a second. Hashes of before (PBKDF2) are verified, and replaced at the next sign-in.
"""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Any

from django.contrib.auth.hashers import (
    UNUSABLE_PASSWORD_PREFIX,
    Argon2PasswordHasher,
    PBKDF2PasswordHasher,
    get_hasher,
    identify_hasher,
    is_password_usable,
)
from django.views.decorators.debug import sensitive_variables

from organizations.models import User

AT_ONCE = 4

_turn = BoundedSemaphore(AT_ONCE)


class SmallArgon2(Argon2PasswordHasher):
    """Argon2id with parameters for servers of 1 GB."""

    time_cost = 2
    memory_cost = 19 * 1024
    parallelism = 1

    def encode(self, password: str, salt: str, **options: Any) -> str:
        with _turn:
            return str(super().encode(password, salt, **options))

    def verify(self, password: str, encoded: str) -> bool:
        with _turn:
            return super().verify(password, encoded)


@sensitive_variables()
def even_out(password: str, stored: str) -> None:
    """Spend the hash that a failed sign-in did not need, while some accounts have an older kind.

    An older kind takes another time, which would tell whether an address has an account. `stored` is the hash that was
    tried, "" without an account: the preferred kind was computed then.
    """
    preferred = get_hasher()
    passwords = User.objects.values_list("password", flat=True)
    unusable = UNUSABLE_PASSWORD_PREFIX
    older = passwords.exclude(password__startswith=str(preferred.algorithm)).exclude(password__startswith=unusable)
    if not older.exists():
        return
    is_older = is_password_usable(stored) and stored and identify_hasher(stored).algorithm != preferred.algorithm
    missing = preferred if is_older else PBKDF2PasswordHasher()
    missing.encode(password, missing.salt())
