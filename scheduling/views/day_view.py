"""The day view's data: one day of the candidate and the chosen interviewers, for `static/js/day-view.js`."""

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

from organizations.access import Access, AccessRequest, allowed
from organizations.models import Membership, validate_time_zone
from organizations.parameters import FIRST_DAY, LAST_DAY, row_id, row_ids
from organizations.permissions import Permission
from organizations.zones import label
from scheduling.models import Candidate, Interview
from scheduling.schedules.day_view import DayColumn, DayView, ZoneClock, day_view
from scheduling.schedules.forms import ScheduleForm

MOST_PEOPLE = 60


class DayForm(forms.Form):
    """A day (or the one that a moment `at` lies in), a zone to show it in, and its people."""

    day = forms.DateField(required=False, error_messages={"invalid": _lazy("Give the day like 2027-03-31.")})
    at = forms.DateTimeField(required=False, error_messages={"invalid": _lazy("Give the moment in UTC.")})
    zone = forms.CharField(required=False, max_length=64, validators=[validate_time_zone])
    entry_zone = forms.CharField(max_length=64, validators=[validate_time_zone])
    people = forms.CharField(required=False, max_length=1000)
    candidate = forms.CharField(required=False, max_length=20)
    candidate_name = forms.CharField(required=False, max_length=150)
    candidate_zone = forms.CharField(required=False, max_length=64, validators=[validate_time_zone])
    interview = forms.IntegerField(required=False, min_value=1, max_value=2**62)

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
    """Return the day as JSON; 404 for people of another organization, 400 with a message for invalid parameters."""
    form = DayForm(request.GET)
    if not form.is_valid():
        messages = [str(message) for errors in form.errors.values() for message in errors]
        return JsonResponse({"problem": " ".join(messages)}, status=400)
    asked, access = form.cleaned_data, request.access
    people = _people(access, asked["people"])
    candidate = _candidate(access, asked)
    interview = access.find(Interview, asked["interview"]) if asked["interview"] else None
    day = day_view(
        access=access,
        day=asked["day"],
        zone=asked["zone"],
        entry_zone=asked["entry_zone"],
        people=people,
        candidate=candidate,
        excluded=interview,
    )
    return JsonResponse(_as_json(day) | {"zones": _zones(access, asked["entry_zone"], day, candidate)})


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


def _zones(access: Access, entry_zone: str, day: DayView, candidate: Candidate | None) -> list[dict[str, str]]:
    """Return the zones to choose from, each labelled with the schedule, the organization or the people that use it."""
    whose: dict[str, list[str]] = {entry_zone: [_("the schedule")]}
    for column in day.columns if candidate else day.columns[1:]:
        whose.setdefault(column.zone, []).append(column.name)
    whose.setdefault(access.organization.time_zone, []).append(access.organization.name)
    whose.setdefault(access.user.time_zone, []).append(_("you"))
    whose.setdefault(day.clock.zone, [])
    return [{"name": zone, "label": _zone_label(zone, names, day)} for zone, names in whose.items()]


def _zone_label(zone: str, whose: list[str], day: DayView) -> str:
    """Return `Berlin (GMT+1): Ada Osei, you`, with the offset of that day."""
    place = label(zone, day.starts_at)
    if not whose:
        return place
    return _("%(zone)s: %(whose)s") % {"zone": place, "whose": ", ".join(dict.fromkeys(whose))}


def _as_json(day: DayView) -> dict[str, Any]:
    return {
        "day": day.day.isoformat(),
        "heading": date_format(day.day, "LONG_DAY_YEAR_FORMAT"),
        "previous": _neighbour(day.day, -1),
        "next": _neighbour(day.day, 1),
        "starts_at": _moment(day.starts_at),
        "ends_at": _moment(day.ends_at),
        "clock": _clock(day.clock),
        "entry_clock": _clock(day.entry_clock),
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
        "role": column.role,
        "zone": column.zone,
        "hours": column.hours,
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
