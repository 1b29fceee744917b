"""The pages of words that say how much a calendar's entry counts: the organization's, and one's own, which win."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.access import AccessRequest, allowed
from organizations.fields import LinesField
from organizations.forms import StyledFormMixin
from organizations.permissions import Permission
from scheduling.availability import calendar_words
from scheduling.availability.weights import Words

MOST, LONGEST = 100, 80


class WordsForm(StyledFormMixin, forms.Form):
    """Words of each weight, one word or phrase a line."""

    hard = LinesField(
        label=gettext_lazy("Busy"),
        required=False,
        help_text=gettext_lazy("Booking over these shows a warning."),
    )
    soft = LinesField(
        label=gettext_lazy("May be booked over"),
        required=False,
        help_text=gettext_lazy("Shown to those who schedule, as a hint."),
    )
    ignored = LinesField(
        label=gettext_lazy("Free"), required=False, help_text=gettext_lazy("These do not count at all.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            lines = str(self.initial.get(name) or "").count("\n") + 2
            field.widget.attrs["rows"] = max(4, min(lines, 16))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        for name in ("hard", "soft", "ignored"):
            words = [line for each in data.get(name, "").splitlines() if (line := each.strip())]
            data[name] = "\n".join(dict.fromkeys(words))
            if len(words) > MOST:
                self.add_error(name, ValidationError(_("Keep the list to %(most)d words."), params={"most": MOST}))
            elif any(len(word) > LONGEST for word in words):
                problem = _("Keep each word or phrase to %(most)d characters.")
                self.add_error(name, ValidationError(problem, params={"most": LONGEST}))
        return data

    @property
    def words(self) -> Words:
        return Words(**{name: self.cleaned_data[name] for name in ("hard", "soft", "ignored")})


@allowed(Permission.SEE_SETTINGS, to_change=Permission.CHANGE_SETTINGS)
def settings_words(request: AccessRequest) -> HttpResponse:
    """Show the organization's words; admins change them."""
    return _page(request, "settings-calendar-words", own=False)


@allowed(Permission.OWN_PROFILE)
def own_words(request: AccessRequest) -> HttpResponse:
    """Show one's own words, and change them."""
    return _page(request, "own-calendar-words", own=True)


def _page(request: AccessRequest, name: str, *, own: bool) -> HttpResponse:
    organization = request.access.organization
    membership = request.access.membership if own else None
    now = calendar_words.own_words(membership) if membership else calendar_words.words_of(organization.pk)
    initial = {"hard": now.hard, "soft": now.soft, "ignored": now.ignored}
    form = WordsForm(request.POST if request.method == "POST" else None, initial=initial)
    if request.method == "POST" and form.is_valid():
        calendar_words.save(organization=organization, membership=membership, words=form.words, actor=request.user)
        messages.success(request, _("Words saved."))
        return redirect(name, organization=organization.slug)
    context = {"form": form, "own": own, "may_change": own or request.access.may.change_settings, "words": now}
    return render(request, "scheduling/calendars/words.html", context, status=422 if form.is_bound else 200)
