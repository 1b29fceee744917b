"""The content of the calendar's address: which days, of whom, and by interviewer or by candidate."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, cast
from urllib.parse import urlencode

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from jobs.models import Job
from organizations.access import AccessRequest
from organizations.filters import FilterForm
from organizations.parameters import FIRST_DAY, LAST_DAY, validate_likely_day
from organizations.row_choices import RowChoiceField
from scheduling.availability.local_time import day_starts
from scheduling.availability.stretches import Stretch
from scheduling.candidates.filters import jobs_of
from scheduling.schedules.day_view import week_of

_DAY = timedelta(days=1)


class Scope(models.TextChoices):
    """The days that are shown, and how: a list has the interviews of a week."""

    DAY = "day", _("Day")
    WEEK = "week", _("Week")
    LIST = "list", _("List")


class By(models.TextChoices):
    """The rows: a person's interviews stand in one."""

    PEOPLE = "people", _("Interviewers")
    CANDIDATES = "candidates", _("Candidates")


class CalendarForm(FilterForm):
    """The search, the job and the day. What makes no sense is left out, as in lists."""

    q = forms.CharField(
        label=_("Search people"),
        required=False,
        max_length=100,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": _("Search people"), "autocomplete": "off"}),
    )
    job = RowChoiceField(Job.objects.none(), label=_("Job"), required=False, empty_label=_("All jobs"))
    day = forms.DateField(
        label=_("Day"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        validators=[validate_likely_day],
    )
    scope = forms.ChoiceField(choices=Scope.choices, required=False, widget=forms.HiddenInput)
    by = forms.ChoiceField(choices=By.choices, required=False, widget=forms.HiddenInput)

    def __init__(self, request: AccessRequest, today: date) -> None:
        super().__init__(request.GET)
        self.today = today
        if request.access.may.see_jobs:
            job = cast("RowChoiceField", self.fields["job"])
            job.queryset, job.kept = jobs_of(request), request.GET.get("job")
        else:
            del self.fields["job"], self.fields["q"]  # they see their own interviews only

    @property
    def shown_day(self) -> str:
        """The value of the field of the day: today's where none is asked for."""
        return self.asked.day.isoformat()

    @property
    def asked(self) -> Asked:
        self.is_valid()
        data: dict[str, Any] = self.cleaned_data
        return Asked(
            Scope(data.get("scope") or Scope.WEEK),
            data.get("day") or self.today,
            By(data.get("by") or By.PEOPLE),
            data.get("q") or "",
            data.get("job"),
            self.today,
        )


@dataclass(frozen=True)
class Asked:
    """The content of an address. `day` lies in the shown days; `words` search people or candidates."""

    scope: Scope
    day: date
    by: By
    words: str
    job: Job | None
    today: date

    @property
    def days(self) -> list[date]:
        return [self.day] if self.scope == Scope.DAY else week_of(self.day)

    def stretch(self, zone: str) -> Stretch:
        """Return the shown time, from the first day's midnight in a zone to the last one's."""
        return Stretch(day_starts(self.days[0], zone), day_starts(self.days[-1] + _DAY, zone))

    @property
    def previous(self) -> date:
        return max(self.day - len(self.days) * _DAY, FIRST_DAY)

    @property
    def next(self) -> date:
        return min(self.day + len(self.days) * _DAY, LAST_DAY)

    def query(self, **changes: object) -> str:
        """Return the query of the address that differs from this one in `changes`."""
        values = {
            "scope": self.scope,
            "day": "" if self.day == self.today else self.day,
            "by": self.by,
            "q": self.words,
            "job": self.job.pk if self.job else "",
        }
        kept = {name: str(value) for name, value in (values | changes).items() if value}
        return f"?{urlencode(kept)}"
