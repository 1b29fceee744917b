"""Limit how often something may be done in a time, per person, organization and address.

The table below is the place to read and to change. Uses are counted in the database, so that all processes share the
count; sign-in counts in the same table (`throttle.py`). The numbers bound what a stolen account or a hostile colleague
can do with the server. They are far above a busy day's work, so each says what that day looks like.

A limit slides: it is reached when the last `within` holds `most` uses, and frees one as the oldest of them leaves.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import wraps
from typing import TYPE_CHECKING

import structlog
from django.contrib import messages
from django.db import connection, transaction
from django.http import HttpResponseBase
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.models import Attempt

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

log = structlog.get_logger(__name__)

HOUR, DAY = timedelta(hours=1), timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Limit:
    """At most `most` uses in each `within`. `reached` is the sentence for a person: `%(most)d` and `%(when)s`."""

    kind: str
    most: int
    within: timedelta
    reached: StrOrPromise = ""


#: Per organization. Teams of any size come in through a directory; by hand, 20 is a department's first day.
INVITATIONS = Limit(
    "invitations", 20, HOUR, gettext_lazy("%(most)d invitations were sent within an hour. More can go out %(when)s.")
)
#: Per organization and address: the invitation, and sent again twice for somebody who did not find it.
INVITATIONS_TO_ONE = Limit(
    "invitations_to_one",
    3,
    DAY,
    gettext_lazy("This person got %(most)d invitations within a day. The next can go out %(when)s."),
)
#: Per organization and candidate's address. A candidate's hour is an invitation and two changes; but one agency's
#: mailbox may stand for all 60 candidates of an import.
MESSAGES_TO_CANDIDATE = Limit(
    "messages_to_candidate",
    60,
    HOUR,
    gettext_lazy("%(most)d messages went to this address within an hour. The next can go out %(when)s."),
)
#: Per organization and interviewer: two coordinators who send 200 messages an hour each, all with one busy colleague.
MESSAGES_TO_INTERVIEWER = Limit(
    "messages_to_interviewer",
    400,
    HOUR,
    gettext_lazy("%(most)d messages went to this address within an hour. The next can go out %(when)s."),
)
#: Per organization and address in Cc: a team's mailbox that reads along with all that two coordinators send in an hour.
MESSAGES_IN_CC = Limit(
    "messages_in_cc",
    100,
    HOUR,
    gettext_lazy("%(most)d copies went to this address within an hour. The next can go out %(when)s."),
)
#: Per schedule and recipient. A copy helps once or twice; after five, the address is wrong.
COPIES = Limit(
    "copies",
    5,
    HOUR,
    gettext_lazy("Sent again %(most)d times within an hour. Check the address, or send it again %(when)s."),
)
#: Per person: a file for each of a dozen jobs, and some of them twice.
IMPORTS = Limit(
    "imports", 20, HOUR, gettext_lazy("You uploaded %(most)d files within an hour. Upload the next %(when)s.")
)
#: Per person: the same list for each of a dozen jobs, and some of them twice.
EXPORTS = Limit(
    "exports", 30, HOUR, gettext_lazy("You exported %(most)d files within an hour. Export the next %(when)s.")
)
#: Per organization and coding tool, refused keys only: nobody has ten keys to try.
REFUSED_KEYS = Limit(
    "refused_keys", 10, HOUR, gettext_lazy("%(most)d keys were refused within an hour. Enter the next %(when)s.")
)
#: Per organization and person: each of three vendors, mistyped a few times. It also bounds what addresses can be tried.
CALENDAR_CHECKS = Limit(
    "calendar_checks",
    30,
    HOUR,
    gettext_lazy("You tried to connect %(most)d times within an hour. Try again %(when)s."),
)
#: Per organization and person: once for each setting of a mail server that is tried.
TEST_MAILS = Limit(
    "test_mails", 5, HOUR, gettext_lazy("You sent %(most)d test mails within an hour. Send the next %(when)s.")
)
#: Per organization: a worker was away, and somebody waits in front of the dialog.
KEY_CHECKS_AGAIN = Limit(
    "key_checks_again", 20, HOUR, gettext_lazy("Tried again %(most)d times within an hour. Try again %(when)s.")
)
#: Per address, whoever asks: the mail that got lost, and another. The answer is the same when it is reached.
PASSWORD_MAILS = Limit("password_mails", 3, HOUR)
#: Per IP address that asks for links to a new password: an office behind one address after a holiday.
PASSWORD_REQUESTS = Limit(
    "password_requests",
    30,
    HOUR,
    gettext_lazy("%(most)d links were asked for from your network within an hour. Ask again %(when)s."),
)
#: Per account whose passwords are guessed from many places: one warning is enough for a day.
GUESSING_MAILS = Limit("guessing_mails", 1, DAY)
#: Per person: the first one mistyped, and changed back a day later.
ADDRESS_CHANGES = Limit(
    "address_changes", 5, DAY, gettext_lazy("You asked for %(most)d changes within a day. Ask again %(when)s.")
)
#: Per new address, whoever asks: its mailbox gets a mail each time.
ADDRESS_CHANGES_TO_ONE = Limit(
    "address_changes_to_one",
    3,
    DAY,
    gettext_lazy("This address got %(most)d e-mails about it within a day. Ask again %(when)s."),
)
#: Per account, right and wrong ones: a person signs in and confirms a few times in a quarter of an hour.
CODES = Limit(
    "codes", 10, timedelta(minutes=15), gettext_lazy("%(most)d codes were entered. Enter the next one %(when)s.")
)
#: Per account, or organization for its admins, and kind of notice: whoever fills a mailbox with notices of one kind
#: hides none of another.
NOTICES = Limit("notices", 10, HOUR)
#: Per webhook address, for machines: what is no vendor's is noted this often, and then only answered.
UNSIGNED_EVENTS = Limit("unsigned_events", 20, HOUR)

LIMITS = (
    INVITATIONS,
    INVITATIONS_TO_ONE,
    MESSAGES_TO_CANDIDATE,
    MESSAGES_TO_INTERVIEWER,
    MESSAGES_IN_CC,
    COPIES,
    IMPORTS,
    EXPORTS,
    REFUSED_KEYS,
    CALENDAR_CHECKS,
    TEST_MAILS,
    KEY_CHECKS_AGAIN,
    PASSWORD_MAILS,
    PASSWORD_REQUESTS,
    GUESSING_MAILS,
    ADDRESS_CHANGES,
    ADDRESS_CHANGES_TO_ONE,
    CODES,
    NOTICES,
    UNSIGNED_EVENTS,
)
#: Uploads of one person that wait to be confirmed. The oldest gives way: see `import_files.store_upload`.
PENDING_IMPORTS = 5
#: Older rows count nowhere.
KEPT_FOR = max(limit.within for limit in LIMITS)


class Reached(Exception):
    """A limit is reached, and nothing was done. `message` says so to a person, and when it goes on."""

    def __init__(self, limit: Limit, free_at: datetime) -> None:
        super().__init__(limit.kind)
        self.limit, self.free_at = limit, free_at

    @property
    def message(self) -> str:
        sentence = str(self.limit.reached) or _("That was too often. Try again %(when)s.")
        return sentence % {"most": self.limit.most, "when": _when(self.free_at)}

    @property
    def retry_after(self) -> int:
        """Seconds until it goes on, for the header of an answer with status 429."""
        return max(1, math.ceil((self.free_at - timezone.now()).total_seconds()))


def count(limit: Limit, *whose: object) -> None:
    """Count one use by `whose`. Raises Reached, and counts nothing, when there is no room for it.

    In a transaction that is rolled back the use is not counted. Uses at the same moment wait for each other, until
    the end of the caller's transaction: count several in one order.
    """
    key = _key(limit, whose)
    with transaction.atomic():
        _wait_for_others(key)
        _refuse_when_full(limit, key)
        _add(limit, key)


def has_room(limit: Limit, *whose: object) -> bool:
    """Count one use by `whose`; false, and nothing counted, when the limit is reached: where nobody has to be told."""
    try:
        count(limit, *whose)
    except Reached:
        return False
    return True


def check(limit: Limit, *whose: object) -> None:
    """Raise Reached when there is no room for one more use. Counts nothing."""
    _refuse_when_full(limit, _key(limit, whose))


def note(limit: Limit, *whose: object) -> None:
    """Count a use that has happened already."""
    _add(limit, _key(limit, whose))


def forget(*whose: object) -> None:
    """Delete everything that counts for somebody who is erased."""
    Attempt.objects.filter(account__in=[_key(limit, whose) for limit in LIMITS]).delete()


def forget_old() -> None:
    """Delete rows that no limit counts any more. Called by beat."""
    Attempt.objects.filter(at__lt=timezone.now() - KEPT_FOR).delete()


def said_on(page: Callable[..., str]) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Decorate a member view with a button and no fields: when a limit is reached, its page says so.

    `page` gets the view's arguments and returns the page's address, as for `access.post_only`.
    """

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def inner(request: object, **kwargs: object) -> HttpResponseBase:
            try:
                return view(request, **kwargs)
            except Reached as reached:
                messages.error(request, reached.message)  # type: ignore[arg-type]
                return redirect(page(request, **kwargs))

        return inner

    return decorate


def _key(limit: Limit, whose: tuple[object, ...]) -> str:
    """The keyed hash that stands for `whose`: nobody can tell from a row who it was."""
    text = "\n".join([limit.kind, *map(str, whose)])
    return salted_hmac("organizations.limits", text, algorithm="sha256").hexdigest()


def _add(limit: Limit, key: str) -> None:
    Attempt.objects.create(kind=limit.kind, account=key, at=timezone.now())


def _refuse_when_full(limit: Limit, key: str) -> None:
    uses = Attempt.objects.filter(kind=limit.kind, account=key, at__gt=timezone.now() - limit.within)
    newest = list(uses.order_by("-at", "-pk").values_list("at", flat=True)[: limit.most])
    if len(newest) == limit.most:
        log.warning("limit_reached", limit=limit.kind)
        raise Reached(limit, newest[-1] + limit.within)


def _wait_for_others(key: str) -> None:
    """Let transactions with the same key through one by one. SQLite has one writer at a time anyway."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [int(key[:15], 16)])


def _when(moment: datetime) -> str:
    """The moment as the end of a sentence, to the full minute after it, in the reader's zone."""
    local = timezone.localtime(_next_minute(moment))
    if local.date() == timezone.localdate():
        return _("at %(time)s") % {"time": time_format(local, "TIME_FORMAT")}
    return _("on %(day)s at %(time)s") % {
        "day": date_format(local, "DATE_FORMAT"),
        "time": time_format(local, "TIME_FORMAT"),
    }


def _next_minute(moment: datetime) -> datetime:
    utc = moment.astimezone(UTC)
    whole = utc.replace(second=0, microsecond=0)
    return whole if whole == utc else whole + timedelta(minutes=1)
