"""One thing to see to, as the home page says it, and the words that several kinds of trouble share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations.access import Access
from organizations.bidi import isolated
from scheduling.home.upcoming import UpcomingInterview

# More names than these are counted.
NAMED = 4


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to see to. `address` leads to where it can be mended with one more click; `action` names that way."""

    icon: str
    severity: str
    text: str
    detail: str = ""
    address: str = ""
    action: str = ""

    @property
    def is_red(self) -> bool:
        return self.severity == "danger"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a schedule, before it is put into words: most are only counted and sorted.

    `at`: when the first interview that it touches starts; None where time does not press. `say` makes the line, which
    has the same `severity`.
    """

    schedule: int
    severity: str
    at: datetime | None
    say: Callable[[], Line]

    @property
    def is_red(self) -> bool:
        return self.severity == "danger"


def quoted(interview: UpcomingInterview) -> str:
    """“Coding”"""
    return f"“{isolated(interview.name)}”"


def listed(names: Iterable[str]) -> str:
    """“Ada, Bob and Cem”, or “Ada, Bob, Cem, Eli and 3 more”."""
    words = list(names)
    if len(words) <= NAMED + 1:
        return str(get_text_list(words, _("and")))
    rest = len(words) - NAMED
    more = ngettext("%(number)d more", "%(number)d more", rest) % {"number": rest}
    return str(get_text_list([*words[:NAMED], more], _("and")))


def moment_words(moment: datetime) -> str:
    """“Today, 15:30”, “Tomorrow, 10:00” or “Thu 3 Dec, 12:30”, in the reader's zone."""
    local, today = timezone.localtime(moment), timezone.localdate()
    names = {today: _("Today"), today + timedelta(days=1): _("Tomorrow")}
    return f"{names.get(local.date()) or date_format(local, 'D j M')}, {date_format(local, 'H:i')}"


def way_to(interviews: Sequence[UpcomingInterview], access: Access) -> tuple[str, str]:
    """Where the time, place and people of interviews are changed, and the words of the link there."""
    address = access.url("schedule", pk=interviews[0].schedule.pk)
    if len(interviews) == 1:
        return f"{address}#edit-{interviews[0].pk}", _("Open interview")
    return address, _("Open schedule")
