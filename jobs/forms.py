"""Forms of jobs, stages and the interviews of a plan."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations import meetings
from jobs.models import InterviewKind, Job, PlanInterview, Stage
from organizations.forms import StyledFormMixin
from organizations.models import MOST_BUFFER, Organization
from organizations.settings_forms import WEEK

ALL_DAYS = "1234567"
#: Fields of a plan's interview that few have: shown once somebody asks for more.
_MORE = ("hours_days", "hours_from", "hours_until", "buffer_before", "buffer_after")


class JobForm(StyledFormMixin, forms.ModelForm[Job]):
    class Meta:
        model = Job
        fields = ("title", "location")
        labels = {"title": _("Title"), "location": _("Location")}
        help_texts = {"location": _("A city, or “Remote”.")}
        error_messages = {"title": {"required": _("Enter a title, such as “Backend Engineer”.")}}


class DuplicateForm(StyledFormMixin, forms.ModelForm[Job]):
    """The title of a copy: filled in and selected, so that typing replaces it."""

    class Meta:
        model = Job
        fields = ("title",)
        labels = {"title": _("Title")}
        error_messages = JobForm.Meta.error_messages
        widgets = {"title": forms.TextInput(attrs={"data-selected": ""})}


class StageForm(StyledFormMixin, forms.ModelForm[Stage]):
    class Meta:
        model = Stage
        fields = ("name",)
        labels = {"name": _("Stage name")}
        error_messages = {"name": {"required": _("Enter a name, such as “Technical interviews”.")}}


class PlanInterviewForm(StyledFormMixin, forms.ModelForm[PlanInterview]):
    """An interview of a plan. Wants the `organization`, whose ways to meet are offered."""

    meeting = forms.ChoiceField(label=_("Video call with"), required=False, choices=meetings.choices)
    hours_days = forms.MultipleChoiceField(
        label=_("Days"), required=False, choices=WEEK, widget=forms.CheckboxSelectMultiple
    )

    class Meta:
        model = PlanInterview
        fields = ("name", "minutes", "interviewer_count", "kind", "meeting", "place", "needs_room", *_MORE)
        labels = {
            "name": _("Interview name"),
            "minutes": _("Minutes"),
            "interviewer_count": _("Number of interviewers"),
            "kind": _("Type"),
            "place": _("Meeting link or location"),
            "hours_from": _("Not before"),
            "hours_until": _("Not after"),
            "buffer_before": _("Minutes free before"),
            "buffer_after": _("Minutes free after"),
            "needs_room": _("Needs a room"),
        }
        help_texts = {
            "name": _("Candidates see this name in their invitation."),
            "place": _("For every schedule. Leave empty to enter it in each one."),
            "needs_room": _("Each schedule suggests a free room, if rooms are connected."),
        }
        widgets = {
            name: forms.TimeInput(format="%H:%M", attrs={"type": "time"}) for name in ("hours_from", "hours_until")
        }
        error_messages = {
            "name": {"required": _("Enter a name, such as “System design”.")},
            "minutes": {
                "required": _("Enter the duration in minutes."),
                "invalid": _("Enter the minutes as a whole number."),
                "min_value": _("Enter at least %(limit_value)s minutes."),
                "max_value": _("Enter at most %(limit_value)s minutes."),
            },
            "interviewer_count": {
                "required": _("Enter the number of interviewers."),
                "invalid": _("Enter the number of interviewers as a whole number."),
                "min_value": _("Enter at least one interviewer."),
                "max_value": _("Enter at most %(limit_value)s interviewers."),
            },
        }

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self.instance.meeting
        meeting = cast(forms.ChoiceField, self.fields["meeting"])
        meeting.widget.choices = lambda: meetings.choices(meetings.usable_ways(organization), chosen)
        self.initial["hours_days"] = list(self.instance.hours_days or ALL_DAYS)
        for name in ("buffer_before", "buffer_after"):
            self.fields[name].widget.attrs |= {"max": MOST_BUFFER, "step": 5}

    def clean_hours_days(self) -> str:
        """Return the days as they are stored: "" for all of them, and for none."""
        days = "".join(sorted(self.cleaned_data["hours_days"]))
        return "" if days == ALL_DAYS else days

    def clean(self) -> dict[str, Any]:
        """Keep what fits: only video calls are made, and one that is made needs no address."""
        cleaned = super().clean() or {}
        if cleaned.get("kind") != InterviewKind.VIDEO:
            cleaned["meeting"] = ""
        if cleaned.get("meeting"):
            cleaned["place"] = ""
        begins, ends = cleaned.get("hours_from"), cleaned.get("hours_until")
        if begins and ends and ends <= begins:
            self.add_error("hours_until", _("The end must be after the start. Correct one of them."))
        return cleaned

    @property
    def opening(self) -> list[forms.BoundField]:
        """The fields that are shown at once."""
        return [field for field in self if field.name not in _MORE]

    @property
    def is_more_open(self) -> bool:
        """Whether something is set, or wrong, among the fields that are not shown at once."""
        stored = (getattr(self.instance, name) for name in _MORE)
        return any(value not in ("", None) for value in stored) or any(name in self.errors for name in _MORE)
