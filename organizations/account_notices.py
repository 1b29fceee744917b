"""Tell people by e-mail what happened to their account, so that they notice what was not their doing.

| notice | when |
| --- | --- |
| new sign-in | from a browser that never signed in to the account before; never right after the account was made |
| password changed | however: in the profile, by a mailed link, in the Django admin, by a command |
| second step added, removed; recovery codes made, one used | as allauth's signals tell |
| role changed, signed out everywhere | by an admin, never for what people do to themselves |
| signed out everywhere | by whoever runs the server, in the Django admin: then it is about no membership |

Changing the address mails on its own: `address_change.py`. A mail that is lost is not sent again: no state hangs on it,
and "Where you're signed in" and the trail have the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from zoneinfo import ZoneInfo

import structlog
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from organizations import devices, languages, limits, sessions, zones
from organizations.enqueue import after_commit
from organizations.mail import Mail, Mailbox, write_from
from organizations.models import Membership, Organization, Session, User
from organizations.throttle import is_known

log = structlog.get_logger(__name__)

#: Whoever has just made an account knows that they are signing in.
NEW_ACCOUNT = timedelta(hours=1)


class Kind(IntEnum):
    """Each notice that there is. Its name is that of its texts in `emails/account/`; its number goes to a worker."""

    NEW_SIGN_IN = 1
    PASSWORD_CHANGED = 2
    STEP_ADDED = 3
    STEP_REMOVED = 4
    CODES_MADE = 5
    CODE_USED = 6
    ROLE_CHANGED = 7
    SIGNED_OUT = 8


#: Second steps; their place in this list goes to a worker.
STEPS = [
    (Authenticator.Type.TOTP.value, _("an authenticator app")),
    (Authenticator.Type.WEBAUTHN.value, _("a passkey")),
]


def tell(user: User, kind: Kind, about: int = 0) -> None:
    """Have a worker mail the notice after commit. `about` is the id of a row, or a place in STEPS."""
    after_commit("organizations.mail_account_notice", user.pk, kind.value, about)


def on_signed_in(request: HttpRequest, user: User, **_signal: object) -> None:
    """Receive Django's `user_logged_in`, after the session has noted it. The demo's people share their passwords."""
    is_new = user.created_at > timezone.now() - NEW_ACCOUNT
    if not (settings.DEMO or is_new or is_known(request, user)):
        tell(user, Kind.NEW_SIGN_IN, sessions.saved(request))


def on_step_added(request: HttpRequest, user: User, authenticator: Authenticator, **_signal: object) -> None:
    _step_changed(request, user, authenticator, Kind.STEP_ADDED)


def on_step_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_signal: object) -> None:
    _step_changed(request, user, authenticator, Kind.STEP_REMOVED)


def on_codes_made(request: HttpRequest, user: User, **_signal: object) -> None:
    """Receive allauth's `authenticator_reset`: the recovery codes of before are worthless."""
    sessions.end_others(user, request)
    tell(user, Kind.CODES_MADE)


def on_step_used(user: User, authenticator: Authenticator, **_signal: object) -> None:
    """Receive allauth's `authenticator_used`: a recovery code is what a thief would use, and there are few."""
    if authenticator.type == Authenticator.Type.RECOVERY_CODES:
        tell(user, Kind.CODE_USED)


def mail(user_id: int, number: int, about: int = 0) -> None:
    """Mail a notice, unless the account can't sign in any more, or what it is about is gone."""
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if user is None:
        return
    kind = Kind(number)
    with languages.speaking_to(user):
        what = _what(kind, about)
        # After ten mails have said so, the trail has the rest.
        if what is None or not limits.has_room(limits.NOTICES, user.pk, kind.name):
            return
        message = _message(user, kind, what)
    try:
        message.send()
    except OSError as error:
        log.warning("account_notice_not_sent", user=user_id, kind=kind.name, error=type(error).__name__)


def _message(user: User, kind: Kind, what: What) -> Mail:
    context = {
        "user": user,
        "name": user.get_short_name(),
        "at": _in_words(what.at or timezone.now(), user.time_zone),
        "address": f"{settings.BASE_URL}{reverse('start')}",
        "new_password": f"{settings.BASE_URL}{reverse('password-forgotten')}",
        "what": what,
    }
    to = [Mailbox(user.name, user.email)]
    return write_from(f"account/{kind.name.lower()}", context, to=to, organization=what.of)


@dataclass(frozen=True)
class What:
    """The words that a notice's templates need; empty where its kind has none."""

    at: datetime | None = None
    device: str = ""
    place: str = ""
    step: str = ""
    of: Organization | None = None
    role: str = ""

    @property
    def organization(self) -> str:
        return self.of.name if self.of is not None else ""


def _what(kind: Kind, about: int) -> What | None:
    """Return the words about what happened; None when it is gone."""
    if kind == Kind.NEW_SIGN_IN:
        session = Session.objects.filter(pk=about).first()
        if session is None:
            return None
        return What(session.started_at, devices.in_words(session.browser), session.place)
    if kind == Kind.SIGNED_OUT and not about:
        return What()
    if kind in {Kind.ROLE_CHANGED, Kind.SIGNED_OUT}:
        membership = Membership.objects.select_related("organization").filter(pk=about).first()
        if membership is None:
            return None
        return What(of=membership.organization, role=str(membership.get_role_display()))
    return What(step=str(STEPS[about][1]))


def _step_changed(request: HttpRequest, user: User, authenticator: Authenticator, kind: Kind) -> None:
    """End the other sessions, which began without the step, or with one that is gone. Codes come and go with steps."""
    known = [step for step, _words in STEPS]
    if authenticator.type in known:
        sessions.end_others(user, request)
        tell(user, kind, known.index(authenticator.type))


def _in_words(at: datetime, zone: str) -> str:
    local = timezone.localtime(at, ZoneInfo(zone))
    return f"{date_format(local, 'DATETIME_FORMAT')}, {zones.label(zone, at)}"
