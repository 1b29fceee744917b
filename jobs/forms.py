"""Forms of jobs, stages and the interviews of a plan."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from jobs.models import Job, PlanInterview, Stage
from organizations.forms import StyledFormMixin


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
    class Meta:
        model = PlanInterview
        fields = ("name", "minutes", "interviewer_count", "kind")
        labels = {
            "name": _("Interview name"),
            "minutes": _("Minutes"),
            "interviewer_count": _("Number of interviewers"),
            "kind": _("Type"),
        }
        help_texts = {"name": _("Candidates see this name in their invitation.")}
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
