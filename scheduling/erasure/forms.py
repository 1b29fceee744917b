"""Forms of the page "Privacy"."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from organizations.forms import StyledFormMixin
from organizations.models import Organization
from scheduling.erasure import retention
from scheduling.models import Candidate, KeptBecause

#: No retention is so long that a later day makes sense.
LATEST = date(2100, 1, 1)


class RetentionForm(StyledFormMixin, forms.Form):
    """When candidates are deleted. Each choice says how many would be due at once."""

    candidate_months = forms.TypedChoiceField(
        label=_("Delete candidates"),
        coerce=int,
        help_text=_("Without an interview, the time counts from the day the candidate was added."),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, initial={"candidate_months": organization.candidate_months}, **kwargs)
        field = self.fields["candidate_months"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - it is declared so
        periods = [months for months in Organization.CandidatePeriod.values if months]
        numbers = retention.numbers_due(organization, timezone.now(), periods)
        field.choices = [
            (months, _with_number(str(label), numbers.get(months)))
            for months, label in Organization.CandidatePeriod.choices
        ]


def _with_number(label: str, number: int | None) -> str:
    if number is None:
        return label
    due = ngettext("%(number)d candidate due now", "%(number)d candidates due now", number) % {"number": number}
    if number > retention.COUNTED:
        due = gettext("more than %(number)s candidates due now") % {"number": intcomma(retention.COUNTED)}
    return f"{label} · {due}"


class KeepForm(StyledFormMixin, forms.Form):
    """Why and until when a candidate is kept."""

    because = forms.ChoiceField(
        label=_("Reason"), choices=[("", _("Don't keep: delete when due")), *KeptBecause.choices], required=False
    )
    until = forms.DateField(
        label=_("Keep until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave empty to keep them for good."),
    )

    def __init__(self, *args: Any, candidate: Candidate, **kwargs: Any) -> None:
        first = {"because": candidate.kept_because or KeptBecause.AGREED, "until": candidate.kept_until}
        super().__init__(*args, initial=first, **kwargs)

    def clean_until(self) -> date | None:
        until: date | None = self.cleaned_data["until"]
        if until is not None and not timezone.localdate() <= until <= LATEST:
            raise forms.ValidationError(_("Choose today or a later day, before 2100."))
        return until
