"""Findings and items of the list on Home, and labels that several kinds of trouble share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache

from django.utils import timezone
from django.utils.formats import date_format
from django.utils.text import get_text_list
from django.utils.translation import get_language, ngettext
from django.utils.translation import gettext as _

from organizations.access import Access
from organizations.bidi import isolated
from scheduling.home.upcoming import UpcomingInterview

# Names in a list; further ones are counted.
NAMED = 4


@dataclass(frozen=True, slots=True)
class AttentionItem:
    """An entry of the list, with what resolves it. `action` labels its button.

    `address` is a page, and `dialog` what is shown of it without leaving Home. `post` resolves it here, with `fields`
    as names and values; what `asks` is answered in the dialog, where a person decides. `more`: address and label of a
    page that says more. `instead`: address and label of a button beside it that settles it the other way, by POST.
    """

    icon: str
    severity: str
    text: str
    detail: str = ""
    address: str = ""
    action: str = ""
    dialog: str = ""
    post: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    asks: bool = False
    more: tuple[str, str] | None = None
    instead: tuple[str, str] | None = None

    @property
    def is_red(self) -> bool:
        return self.severity == "danger"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong with a schedule, before it is put into words: most are only counted and sorted.

    `at`: when the first affected interview starts; None where no time matters. `build` makes the item, which has the
    same `severity`.
    """

    schedule: int
    severity: str
    at: datetime | None
    build: Callable[[], AttentionItem]

    @property
    def is_red(self) -> bool:
        return self.severity == "danger"


def quoted(interview: UpcomingInterview) -> str:
    """An interview's name in quotation marks: “Coding”."""
    return f"“{isolated(interview.name)}”"


def listed(names: Iterable[str]) -> str:
    """Names in a list: “Ada, Bob and Cem”, or “Ada, Bob, Cem, Eli and 3 more”."""
    words = list(names)
    if len(words) <= NAMED + 1:
        return str(get_text_list(words, _("and")))
    rest = len(words) - NAMED
    more = ngettext("%(number)d more", "%(number)d more", rest) % {"number": rest}
    return str(get_text_list([*words[:NAMED], more], _("and")))


def moment_label(moment: datetime) -> str:
    """A moment in the reader's zone: “Today, 15:30”, “Tomorrow, 10:00” or “Thu 3 Dec, 12:30”."""
    local, today = timezone.localtime(moment), timezone.localdate()
    names = {today: _("Today"), today + timedelta(days=1): _("Tomorrow")}
    return f"{names.get(local.date()) or _day_label(local.date(), get_language())}, {local:%H:%M}"


# A page has fifty moments of a few days, and each takes longer to be put into words than to be found.
@lru_cache(maxsize=500)
def _day_label(day: date, language: str | None) -> str:  # noqa: ARG001 - what the words depend on
    return date_format(day, "DAY_FORMAT")


def way_to(interviews: Sequence[UpcomingInterview], access: Access, action: str = "") -> tuple[str, str, str]:
    """Address and label of the page that edits these interviews, and the dialog of a single one.

    `action` says what is to be done to a single one.
    """
    address = access.url("schedule", pk=interviews[0].schedule.pk)
    if len(interviews) == 1:
        pk = interviews[0].pk
        return f"{address}#edit-{pk}", action or _("Open interview"), access.url("interview-edit", pk=pk)
    return address, _("Open schedule"), ""


def way_to_person(
    interview: UpcomingInterview, access: Access, action: str, person: int | None = None
) -> tuple[str, str, str]:
    """Address, label and dialog that put somebody in the place of a `person`, or beside the others where none goes."""
    asked = f"?person={person}" if person else ""
    address = access.url("interview-person", pk=interview.pk) + asked
    return address, action, address


def way_to_time(interview: UpcomingInterview, access: Access) -> tuple[str, str, str]:
    """Address, label and dialog that move an interview."""
    address = access.url("interview-time", pk=interview.pk)
    return address, _("Move interview"), address


def way_to_room(interview: UpcomingInterview, access: Access) -> tuple[str, str, str]:
    """Address, label and dialog that give an interview another room."""
    return way_to([interview], access, _("Find another room"))


def dialog_of_tool(address: str, kind: str, access: Access) -> str:
    """The dialog that connects a tool, or replaces its key, where a step leads to the tool's settings."""
    settings = {access.url("settings-integrations"), access.url("settings-integration", kind=kind)}
    return access.url("settings-integration-connect", kind=kind) if address in settings else ""
