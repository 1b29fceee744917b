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
        help_texts = {"location": _("A place, or “Remote”.")}
        error_messages = {"title": {"required": _("Give the job a title, such as “Backend Engineer”.")}}


class StageForm(StyledFormMixin, forms.ModelForm[Stage]):
    class Meta:
        model = Stage
        fields = ("name",)
        labels = {"name": _("Name of the stage")}
        error_messages = {"name": {"required": _("Give the stage a name, such as “Technical interviews”.")}}


class PlanInterviewForm(StyledFormMixin, forms.ModelForm[PlanInterview]):
    class Meta:
        model = PlanInterview
        fields = ("name", "minutes", "interviewer_count", "kind")
        labels = {
            "name": _("Name of the interview"),
            "minutes": _("Minutes"),
            "interviewer_count": _("Number of interviewers"),
            "kind": _("Kind"),
        }
        help_texts = {"name": _("Candidates read this name in their invitation.")}
        error_messages = {
            "name": {"required": _("Give the interview a name, such as “System design”.")},
            "minutes": {
                "required": _("Say how many minutes it takes."),
                "invalid": _("Type the minutes as a whole number."),
                "min_value": _("An interview takes at least %(limit_value)s minutes."),
                "max_value": _("An interview takes at most %(limit_value)s minutes."),
            },
            "interviewer_count": {
                "required": _("Say how many people interview."),
                "invalid": _("Type the number of interviewers as a whole number."),
                "min_value": _("At least one person interviews."),
                "max_value": _("At most %(limit_value)s people interview together."),
            },
        }
