"""Rules for new passwords that go beyond Django's: nothing from a data breach, nothing that the context gives away.

Django's validators ask for 12 characters and refuse names and its list of 20,000 common passwords. Those are shorter
than 12 characters almost all; people lengthen them by digits, so the words behind the digits are looked at here.
"""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as TooLong
from functools import cache
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_variables
from pwned_passwords_django.api import check_password
from pwned_passwords_django.exceptions import PwnedPasswordsError

from organizations.mail import PRODUCT
from organizations.models import User
from organizations.search import fold

log = structlog.get_logger(__name__)

#: A shorter word may be a part of any other.
SHORTEST_WORD = 4
#: So much must be left without the words that the context gives away.
LEAST_OWN = 8
LEAST_DIFFERENT = 5
#: Seconds for the whole look-up; a name server that is away would take longer.
LONGEST_LOOKUP = 1.5

_lookups = ThreadPoolExecutor(max_workers=4, thread_name_prefix="breaches")


class BreachValidator:
    """Refuse a password of a known data breach: Have I Been Pwned has them; the first 5 signs of a hash leave.

    Without an answer in time the other rules have to do: nobody is kept out by a network that is away. The setting
    CHECK_BREACHED_PASSWORDS switches it off.
    """

    @sensitive_variables()
    def validate(self, password: str, user: User | None = None) -> None:  # noqa: ARG002 - Django's signature
        if not settings.CHECK_BREACHED_PASSWORDS:
            return
        try:
            times = _lookups.submit(check_password, password).result(timeout=LONGEST_LOOKUP)
        except (PwnedPasswordsError, TooLong) as error:
            log.warning("breaches_not_checked", error=type(error).__name__)
            return
        if times:
            raise ValidationError(_("This password is in a known data breach. Choose another one."), code="breached")

    def get_help_text(self) -> str:
        return _("Don't use a password from a known data breach.")


class PlainWordsValidator:
    """Refuse what everybody tries first: a common word with digits, one sign repeated, names of the context."""

    @sensitive_variables()
    def validate(self, password: str, user: User | None = None) -> None:
        folded = fold(password)
        if len(set(folded)) < LEAST_DIFFERENT:
            raise ValidationError(_("This password repeats too few characters. Add others."), code="repetitive")
        own = folded
        for word in sorted(context_words(user), key=len, reverse=True):
            own = own.replace(word, "")
        if own != folded and len(re.sub(r"[\W_]", "", own)) < LEAST_OWN:
            text = _("This password is mostly your name, your address or your organization's name. Add other words.")
            raise ValidationError(text, code="context")
        if _is_common(own):
            raise ValidationError(
                _("This is a common password with a few characters added. Choose other words."), code="common_word"
            )

    def get_help_text(self) -> str:
        return _("Don't use your organization's name, or a common word with digits.")


def context_words(user: User | None) -> set[str]:
    """Words that a stranger would try for this person: names, addresses, organizations, and where this runs."""
    host = urlsplit(settings.BASE_URL).hostname or ""
    names = [PRODUCT, *host.split(".")[:-1]]
    if user is not None:
        names += [user.name, user.email.rpartition("@")[0], *user.email.rpartition("@")[2].split(".")[:-1]]
        names += user.organization_names()
    parts = {part for name in names for part in (*re.split(r"[\W_]+", fold(name)), re.sub(r"[\W_]+", "", fold(name)))}
    return {part for part in parts if len(part) >= SHORTEST_WORD}


def _is_common(text: str) -> bool:
    """Whether the letters are one common password, or one again and again."""
    letters = re.sub(r"[\W\d_]", "", text)
    repeated = re.fullmatch(r"(.{4,}?)\1*", letters)
    return repeated is not None and repeated[1] in _common()


@cache
def _common() -> set[str]:
    return set(CommonPasswordValidator().passwords)
