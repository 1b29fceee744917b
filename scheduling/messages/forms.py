"""The form of a message's text: a draft's, or an organization's template."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from organizations.fields import LineField, LinesField
from organizations.forms import StyledFormMixin
from scheduling.messages import copies
from scheduling.messages.placeholder_syntax import problems
from scheduling.models import MessageKind


class MessageForm(StyledFormMixin, forms.Form):
    """Subject, text and Cc. A placeholder that is unknown, or not for this audience, is an error that names it."""

    subject = LineField(label=_("Subject"), max_length=200, error_messages={"required": _("Write a subject.")})
    body = LinesField(
        label=_("Text"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 14, "class": "font-monospace"}),
        error_messages={"required": _("Write a text.")},
    )

    cc = LineField(
        label=_("Cc"),
        required=False,
        max_length=2800,
        help_text=_("Up to 10 addresses, with commas between. They get a copy without join links and calendar event."),
    )

    def __init__(self, *args: Any, kind: MessageKind, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.kind = kind

    def clean_subject(self) -> str:
        subject = str(self.cleaned_data["subject"])
        self._check(subject, subject=True)
        return subject

    def clean_body(self) -> str:
        body = str(self.cleaned_data["body"])
        self._check(body, subject=False)
        return body

    def clean_cc(self) -> str:
        return copies.joined(copies.parse(str(self.cleaned_data["cc"])))

    def _check(self, text: str, *, subject: bool) -> None:
        found = problems(text, self.kind, subject=subject)
        if found:
            raise forms.ValidationError(found)
