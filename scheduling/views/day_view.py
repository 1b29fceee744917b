"""The day view's data: a day or a week of the candidate and the chosen interviewers, for `static/js/day-view.js`."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _lazy
from django.views.decorators.http import require_GET

from jobs.models import PlanInterview
from organizations.access import Access, AccessRequest, allowed
from organizations.models import Membership, validate_time_zone
from organizations.parameters import FIRST_DAY, LAST_DAY, row_id, row_ids
from organizations.permissions import Permission
from organizations.zones import city, label, offset
from scheduling.availability.hours import has_hours
from scheduling.availability.stretches import Stretch, gaps
from scheduling.models import Candidate, Interview, Schedule
from scheduling.planning.movable import movable
from scheduling.schedules.day_view import Day, DayColumn, DayView, ZoneClock, day_view, hours_within, week_of
from scheduling.schedules.forms import ScheduleForm

MOST_PEOPLE = 60


class DayForm(forms.Form):
    """A day (or the one that a moment `at` lies in) or its week, a zone to show it in, and its people."""

    day = forms.DateField(required=False, error_messages={"invalid": _lazy("Give the day like 2027-03-31.")})
    at = forms.DateTimeField(required=False, error_messages={"invalid": _lazy("Give the moment in UTC.")})
    scope = forms.ChoiceField(
        required=False,
        choices=[("day", "day"), ("week", "week")],
        error_messages={"invalid_choice": _lazy("The scope is day or week.")},
    )
    zone = forms.CharField(required=False, max_length=64, validators=[validate_time_zone])
    entry_zone = forms.CharField(max_length=64, validators=[validate_time_zone])
    people = forms.CharField(required=False, max_length=1000)
    # The plan's interview of the row that somebody works on: its hours are shown.
    plan = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    candidate = forms.CharField(required=False, max_length=20)
    candidate_name = forms.CharField(required=False, max_length=150)
    candidate_zone = forms.CharField(required=False, max_length=64, validators=[validate_time_zone])
    # What is being changed, and keeps nobody busy: an interview, or all interviews of a schedule that can be.
    interview = forms.IntegerField(required=False, min_value=1, max_value=2**62)
    schedule = forms.IntegerField(required=False, min_value=1, max_value=2**62)

    def clean_people(self) -> list[int]:
        """Return ids, in the order in which they were chosen, each once."""
        words = [word for word in self.cleaned_data["people"].split(",") if word]
        if len(words) > MOST_PEOPLE:
            raise ValidationError(_("A day shows at most %(most)d people."), params={"most": MOST_PEOPLE})
        if not all(row_id(word) for word in words):
            raise ValidationError(_("Give people as numbers with commas between them."))
        return row_ids(words)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        data["zone"] = data.get("zone") or data.get("entry_zone")
        if not self.errors and not data.get("day"):
            at = data.get("at") or timezone.now()
            if not FIRST_DAY < at.date() < LAST_DAY:
                raise ValidationError(_("Check the year."))
            data["day"] = at.astimezone(ZoneInfo(data["zone"])).date()
        if data.get("day") and not FIRST_DAY <= data["day"] <= LAST_DAY:
            raise ValidationError(_("Check the year."))
        return data


@allowed(Permission.CHANGE_SCHEDULES)
@require_GET
def schedule_day(request: AccessRequest) -> HttpResponse:
    """Return the day, or its week, as JSON. 404: people of another organization; 400, with a message: what can't be."""
    form = DayForm(request.GET)
    if not form.is_valid():
        messages = [str(message) for errors in form.errors.values() for message in errors]
        return JsonResponse({"problem": " ".join(messages)}, status=400)
    asked, access = form.cleaned_data, request.access
    people = _people(access, asked["people"])
    candidate = _candidate(access, asked)
    is_week = asked["scope"] == "week"
    view = day_view(
        access=access,
        days=week_of(asked["day"]) if is_week else [asked["day"]],
        zone=asked["zone"],
        entry_zone=asked["entry_zone"],
        people=people,
        candidate=candidate,
        excluded=_changing(access, asked),
    )
    answer = _as_json(view, asked["day"]) | {"outside": _outside(access, asked, view)}
    answer |= {"zones": _zones(access, asked["entry_zone"], view, candidate)}
    return JsonResponse(answer)


def _outside(access: Access, asked: dict[str, Any], view: DayView) -> list[list[str]]:
    """Return the stretches that are outside the hours of the plan's interview, by clocks in the zone of entry."""
    plan = access.all(PlanInterview).filter(pk=asked["plan"]).first() if asked["plan"] else None
    if plan is None or not has_hours(plan):
        return []
    whole = Stretch(view.days[0].starts_at, view.days[-1].ends_at)
    return [[_moment(at) for at in part] for part in gaps(hours_within(plan, whole, asked["entry_zone"]), whole)]


def _changing(access: Access, asked: dict[str, Any]) -> list[Interview]:
    if asked["schedule"]:
        return movable(access.find(Schedule, asked["schedule"]))
    return [access.find(Interview, asked["interview"])] if asked["interview"] else []


def _people(access: Access, ids: list[int]) -> list[Membership]:
    found = {row.pk: row for row in access.all(Membership).select_related("user").filter(pk__in=ids).order_by("id")}
    if len(found) < len(ids):
        raise Http404
    return [found[pk] for pk in ids]


def _candidate(access: Access, asked: dict[str, Any]) -> Candidate | None:
    """Return the chosen candidate, or a new one with the name and zone entered so far."""
    chosen = asked["candidate"]
    if (pk := row_id(chosen)) is not None:
        return access.find(Candidate, pk)
    if chosen == ScheduleForm.NEW and asked["candidate_zone"]:
        return Candidate(name=asked["candidate_name"], time_zone=asked["candidate_zone"])
    return None


def _zones(access: Access, entry_zone: str, view: DayView, candidate: Candidate | None) -> list[dict[str, str]]:
    """Return the zones to choose from, each labelled with the schedule, the organization or the people that use it."""
    whose: dict[str, list[str]] = {entry_zone: [_("the schedule")]}
    columns = view.days[0].columns
    for column in columns if candidate else columns[1:]:
        whose.setdefault(column.zone, []).append(column.name)
    whose.setdefault(access.organization.time_zone, []).append(access.organization.name)
    whose.setdefault(access.user.time_zone, []).append(_("you"))
    whose.setdefault(view.clock.zone, [])
    at = view.days[0].starts_at
    return [
        {"name": zone, "label": _zone_label(zone, names, at), "text": zone_text(zone, at)}
        for zone, names in whose.items()
    ]


def zone_text(zone: str, at: datetime) -> str:
    """Return `Times in Berlin, GMT+1`, with the offset of that moment."""
    if label(zone, at) == zone:  # UTC is no city
        return _("Times in %(city)s") % {"city": zone}
    return _("Times in %(city)s, %(offset)s") % {"city": city(zone), "offset": offset(zone, at)}


def _zone_label(zone: str, whose: list[str], at: datetime) -> str:
    """Return `Berlin (GMT+1): Ada Osei, you`, with the offset of that moment."""
    place = label(zone, at)
    if not whose:
        return place
    return _("%(zone)s: %(whose)s") % {"zone": place, "whose": ", ".join(dict.fromkeys(whose))}


def _as_json(view: DayView, asked: date) -> dict[str, Any]:
    """Return the answer. `starts_at`, `ends_at` and `columns` are those of the day that was asked for."""
    days = view.days
    shown = next(day for day in days if day.day == asked)
    step = len(days)
    return {
        "day": asked.isoformat(),
        "heading": week_heading(days[0].day, days[-1].day) if step > 1 else _heading(asked),
        "previous": _neighbour(asked, -step),
        "next": _neighbour(asked, step),
        "clock": _clock(view.clock),
        "entry_clock": _clock(view.entry_clock),
        "days": [_day(day) for day in days] if step > 1 else [],
    } | _day(shown)


def _heading(day: date) -> str:
    """Return `Thursday, 3 December`, with the year where it is not this one."""
    is_this_year = day.year == timezone.localdate().year
    return date_format(day, "LONG_DAY_FORMAT" if is_this_year else "LONG_DAY_YEAR_FORMAT")


def week_heading(first: date, last: date) -> str:
    """Return `30 November – 6 December 2026`, with both years where they differ."""
    begins = date_format(first, "LONG_DAY_OF_MONTH_FORMAT" if first.year == last.year else "LONG_DATE_FORMAT")
    return _("%(first)s – %(last)s") % {"first": begins, "last": date_format(last, "LONG_DATE_FORMAT")}


def _day(day: Day) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "label": date_format(day.day, "DAY_FORMAT"),
        "starts_at": _moment(day.starts_at),
        "ends_at": _moment(day.ends_at),
        "columns": [_column(column) for column in day.columns],
    }


def _neighbour(day: date, distance: int) -> str:
    return min(max(day + timedelta(days=distance), FIRST_DAY), LAST_DAY).isoformat()


def _moment(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}"


def _clock(clock: ZoneClock) -> dict[str, Any]:
    return {"zone": clock.zone, "offsets": [[_moment(at), minutes] for at, minutes in clock.offsets]}


def _column(column: DayColumn) -> dict[str, Any]:
    return {
        "key": column.key,
        "name": column.name,
        "short_name": column.short_name,
        "short_hours": column.short_hours,
        "is_off": column.is_off,
        "load": "" if column.load is None else _("%(count)d this week") % {"count": column.load},
        "role": column.role,
        "zone": column.zone,
        "hours": column.hours,
        "unknown": column.unknown,
        "short_unknown": _("calendar unknown") if column.unknown else "",
        "blocks": [
            {
                "kind": block.kind,
                "starts_at": _moment(block.starts_at),
                "ends_at": _moment(block.ends_at),
                "label": block.label,
            }
            for block in column.blocks
        ],
    }
