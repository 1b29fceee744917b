"""The form that takes a CodeSignal API key."""

from __future__ import annotations

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

#: CodeSignal does not document what its keys look like; these only catch what can't be one.
MIN_KEY_LENGTH = 10
MAX_KEY_LENGTH = 500

#: What copying from a page or a mail adds unseen: line breaks, zero-width characters, a byte order mark.
_UNSEEN = re.compile("[\r\n\u200b\u200c\u200d\u2060\ufeff]")


class ApiKeyField(forms.CharField):
    """An API key as it was meant to be pasted. Its widget never shows it again, not even after an error."""

    widget = forms.PasswordInput

    def __init__(self, **options: Any) -> None:
        attributes = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "class": "form-control"}
        options.setdefault("widget", forms.PasswordInput(render_value=False, attrs=attributes))
        super().__init__(**options)

    def to_python(self, value: Any) -> str:
        key = _UNSEEN.sub("", str(value or "")).strip()
        return key.removeprefix("Bearer ").strip()

    def validate(self, value: Any) -> None:
        super().validate(value)
        if re.search(r"\s", value):
            raise ValidationError(_("An API key has no spaces. Copy only the key."), code="spaces")
        if not re.fullmatch(r"[\x21-\x7e]+", value):
            raise ValidationError(
                _("Some characters can't be part of an API key. Copy it again from CodeSignal."),
                code="characters",
            )
        if len(value) < MIN_KEY_LENGTH:
            raise ValidationError(_("This is too short for an API key. Copy the whole key."), code="too_short")
        if len(value) > MAX_KEY_LENGTH:
            raise ValidationError(_("This is too long for an API key. Copy only the key."), code="too_long")


class CodeSignalKeyForm(forms.Form):
    """`cleaned_data["api_key"]` is the key, without what copying added to it."""

    api_key = ApiKeyField(
        label=_("API Key"),
        error_messages={"required": _("Paste the API key that you created in CodeSignal.")},
    )
