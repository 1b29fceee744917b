"""What the lists of schedules and candidates are narrowed to, as it stands in their addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django import forms
from django.db import models
from django.db.models import F, OrderBy
from django.utils.translation import gettext_lazy as _

from jobs.models import Job, Stage
from organizations.access import Access
from organizations.forms import FilterForm
from organizations.parameters import row_id, validate_likely_day
from scheduling.models import ShownState

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class Tab(models.TextChoices):
    """The three parts of the list of schedules."""

    UPCOMING = "upcoming", _("Upcoming")
    PAST = "past", _("Past")
    CANCELLED = "cancelled", _("Cancelled")


#: The tab on which schedules of a state stand.
TAB_OF: dict[str, Tab] = {
    ShownState.SCHEDULED: Tab.UPCOMING,
    ShownState.IN_PROGRESS: Tab.UPCOMING,
    ShownState.DONE: Tab.PAST,
    ShownState.CANCELLED: Tab.CANCELLED,
}
_SOONEST, _LATEST = ("soonest", _("Soonest first")), ("latest", _("Latest first"))


def _day_field(label: StrOrPromise) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"})
    return forms.DateField(label=label, required=False, widget=widget, validators=[validate_likely_day])


class ScheduleFilterForm(FilterForm):
    """The search, the tab and the order of the list of schedules. A chosen state decides on the tab."""

    q = forms.CharField(label=_("Search candidate or job"), required=False, max_length=100)
    job = forms.ModelChoiceField(label=_("Job"), queryset=Job.objects.none(), required=False, empty_label=_("All jobs"))
    stage = forms.ModelChoiceField(
        label=_("Stage"), queryset=Stage.objects.none(), required=False, empty_label=_("All stages")
    )
    state = forms.ChoiceField(label=_("State"), required=False, choices=[("", _("All states")), *ShownState.choices])
    day_from = _day_field(_("From"))
    day_until = _day_field(_("Until"))
    order = forms.ChoiceField(label=_("Order"), required=False)
    show = forms.ChoiceField(required=False, choices=Tab.choices, widget=forms.HiddenInput)

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField[Job], self.fields["job"]).queryset = access.all(Job).order_by("search_key", "id")
        if job := row_id(self.data.get("job")):
            stages = access.all(Stage).filter(job_id=job).order_by("position", "id")
            cast(forms.ModelChoiceField[Stage], self.fields["stage"]).queryset = stages
        first, second = (_SOONEST, _LATEST) if self.tab == Tab.UPCOMING else (_LATEST, _SOONEST)
        cast(forms.ChoiceField, self.fields["order"]).choices = [
            ("", first[1]),
            second,
            ("candidate", _("Candidate, A to Z")),
            ("made", _("Newest schedule first")),
        ]

    @property
    def tab(self) -> Tab:
        if tab := TAB_OF.get(str(self.data.get("state", ""))):
            return tab
        asked = str(self.data.get("show", ""))
        return Tab(asked) if asked in Tab.values else Tab.UPCOMING

    def ordering(self, at: str) -> tuple[str | OrderBy, ...]:
        """What to order by, where `at` names the field with the time that the list shows.

        What has no time comes last in both directions, on every database.
        """
        order = self.cleaned_data.get("order") or ("soonest" if self.tab == Tab.UPCOMING else "latest")
        orders: dict[str, tuple[str | OrderBy, ...]] = {
            "soonest": (F(at).asc(nulls_last=True), "id"),
            "latest": (F(at).desc(nulls_last=True), "-id"),
            "candidate": ("candidate__search_key", "id"),
            "made": ("-id",),
        }
        return orders[order]

    @property
    def is_narrowed(self) -> bool:
        return any(self.cleaned_data.get(name) for name in self.fields if name not in {"order", "show"})


class CandidateFilterForm(FilterForm):
    ORDERS: ClassVar[dict[str, tuple[str, ...]]] = {"": ("search_key", "id"), "added": ("-id",)}

    q = forms.CharField(label=_("Search name or e-mail"), required=False, max_length=100)
    job = forms.ModelChoiceField(label=_("Job"), queryset=Job.objects.none(), required=False, empty_label=_("All jobs"))
    order = forms.ChoiceField(
        label=_("Order"), required=False, choices=[("", _("Name, A to Z")), ("added", _("Newest first"))]
    )

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(forms.ModelChoiceField[Job], self.fields["job"]).queryset = access.all(Job).order_by("search_key", "id")

    @property
    def is_narrowed(self) -> bool:
        return bool(self.cleaned_data.get("q") or self.cleaned_data.get("job"))
