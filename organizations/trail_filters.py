"""Filters of the audit trail: what the "Audit log" page shows, and its export contains."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any, Final

from django.db.models import Case, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.lookups import IsNull
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter, ChoiceFilter

from organizations.access import AccessRequest
from organizations.filters import DayFilter, ListFilter, OrderFilter, RowFilter, merged
from organizations.hooks.trail import ACTIONS, ACTS, GROUPS, KINDS, Act, Group
from organizations.lists import Column, Sorts
from organizations.models import AuditEvent, Membership, Organization
from organizations.permissions import Permission
from organizations.search import FEW, MOST_WORDS, fold

Events = QuerySet[AuditEvent]


def readable(request: AccessRequest) -> Events:
    """The rows that the reader may see: sign-ins are for those who may know them."""
    rows = request.access.all(AuditEvent)
    if Permission.SEE_SIGN_INS in request.access.may:
        return rows
    return rows.exclude(action__in=[code for code, action in ACTIONS.items() if action.group == Group.ACCESS])


def members(request: AccessRequest) -> QuerySet[Membership]:
    return request.access.all(Membership).select_related("user")


COLUMNS = {
    "what": Column(_("What")),
    "who": Column(_("Who")),
    "when": Column(_("When"), ["created_at"], Sorts.BY_AGE),
}
#: So many rows are searched for words, the newest of the days that are chosen: all would have to be read.
SEARCHED: Final = 2_000
#: The order in which filters are asked: words are looked for among the rows of days, and a person's rows come last.
_ORDER = ("day_from", "day_until", "q", "about", "act", "person", "order")


class TrailFilter(ListFilter):
    """The filter of the audit trail. `searched_from`: the time before which no words were looked for, if there was any.

    `is_whole`: look for words in all rows, which takes as long as there are rows.
    """

    searched_from: datetime | None = None
    is_whole = False

    q = CharFilter(label=_("Search activity"), method="said", max_length=100)
    about = ChoiceFilter(
        label=_("Subject"), empty_label=_("All subjects"), choices=list(GROUPS.items()), method="of_group"
    )
    act = ChoiceFilter(label=_("Action"), empty_label=_("All actions"), choices=list(ACTS.items()), method="of_act")
    person = RowFilter(
        members,
        label=_("Person"),
        empty_label=_("Everyone"),
        method="by_or_about",
        searched=("user__search_key",),
    )
    day_from = DayFilter(_("From"), "since")
    day_until = DayFilter(_("Until"), "until")
    order = OrderFilter(COLUMNS, "-when")

    @classmethod
    def of(cls, request: AccessRequest, rows: Events | None = None) -> TrailFilter:
        """The filter that the address asks for, over what the reader may see."""
        return super().of(request, readable(request) if rows is None else rows)

    def filter_queryset(self, queryset: Events) -> Events:
        return self.filtered(queryset, *_ORDER)

    def said(self, rows: Events, _name: str, words: str) -> Events:
        """Rows that say each of the words, or were made by or are about somebody whose name has it.

        Rows hold no names, so those who are called that are found first, in the same query.
        """
        if not words:
            return rows
        if not self.is_whole:
            rows = self._newest(rows)
        for word in fold(words).split()[:MOST_WORDS]:
            rows = rows.filter(_said(self.request.access.organization, word))
        return rows

    def _newest(self, rows: Events) -> Events:
        """The newest rows, as many as are searched."""
        self.is_counted = False
        times = rows.order_by("-created_at", "-pk").values_list("created_at", flat=True)
        self.searched_from = next(iter(times[SEARCHED : SEARCHED + 1]), None)
        return rows if self.searched_from is None else rows.filter(created_at__gt=self.searched_from)

    def of_group(self, rows: Events, _name: str, group: str) -> Events:
        return self._of(rows, [code for code, action in ACTIONS.items() if action.group == Group(group)])

    def of_act(self, rows: Events, _name: str, act: str) -> Events:
        return self._of(rows, [code for code, action in ACTIONS.items() if action.act == Act(act)])

    def _of(self, rows: Events, codes: list[str]) -> Events:
        """Read few rows by their ids; for many ones the trail is read in its order, which soon meets enough of them."""
        found = rows.filter(action__in=codes)
        ids = list(found.order_by().values_list("pk", flat=True)[: FEW + 1])
        if len(ids) <= FEW:
            return self.few(rows.filter(pk__in=ids))
        self.is_counted = False
        # In a form for which no index is taken.
        return rows.filter(Case(When(action__in=codes, then=Value(True)), default=Value(False)))

    def by_or_about(self, rows: Events, _name: str, member: Membership) -> Events:
        acted, about = Q(actor=member.user_id), Q(person_type="user", person_id=member.user_id)
        self.first = merged(rows.filter(acted), rows.filter(about & ~acted))
        return rows.filter(acted | about)

    def since(self, rows: Events, _name: str, day: date) -> Events:
        return rows.filter(created_at__gte=_begins(day))

    def until(self, rows: Events, _name: str, day: date) -> Events:
        return rows.filter(created_at__lt=_begins(day + timedelta(days=1)))


class WholeTrailFilter(TrailFilter):
    """The same filter for an export, which takes its time."""

    is_whole = True


def _said(organization: Organization, word: str) -> Q:
    found: Any = Q(search_key__contains=word) | Q(actor__search_key__contains=word)
    for name, kind in KINDS.items():
        if kind.found is not None:
            # Asked of each row: of all who are called that, there may be many more, and of EXISTS PostgreSQL reads all.
            person = kind.found(organization, word).filter(pk=OuterRef("person_id")).values("pk")[:1]
            found |= Q(person_type=name) & Q(IsNull(Subquery(person), False))
    return Q(found)


def _begins(day: date) -> datetime:
    """The first moment of a day in the reader's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min))
