"""Forms of signing in, and the look that all our forms share."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.utils.translation import gettext_lazy as _

from organizations.zones import is_valid, known, zone_choices

#: What AUTH_PASSWORD_VALIDATORS ask for.
PASSWORD_RULES = _("At least 8 characters. Don't use your name, your address or a common password.")


class StyledFormMixin:
    """Gives every widget Tabler's classes, and ties errors and help to the field for screen readers."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            widget = field.widget
            if isinstance(widget, forms.CheckboxInput | forms.RadioSelect | forms.CheckboxSelectMultiple):
                css = "form-check-input"
            elif isinstance(widget, forms.Select):
                css = "form-select"
            else:
                css = "form-control"
            widget.attrs["class"] = f"{widget.attrs.get('class', '')} {css}".strip()

    def full_clean(self) -> None:
        super().full_clean()  # type: ignore[misc]
        for name in getattr(self, "_errors", None) or {}:
            if name in self.fields:
                attrs = self.fields[name].widget.attrs
                attrs["class"] = f"{attrs.get('class', '')} is-invalid"


class NewPasswordMixin(StyledFormMixin):
    """A new password, entered twice. Says the rules in one sentence, in place of Django's list."""

    error_messages: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.error_messages = self.error_messages | {
            "password_mismatch": _("The two passwords are different. Enter the same one twice."),
            "password_incorrect": _("This is not your current password. Enter it again."),
        }
        self.fields["new_password1"].help_text = PASSWORD_RULES
        self.fields["new_password2"].label = _("Repeat new password")
        self.fields["new_password2"].help_text = ""


class ZoneField(forms.ChoiceField):
    """A time zone. One that is stored under an older spelling, such as US/Eastern, stays."""

    default_error_messages = {"invalid_choice": _("“%(value)s” is not a time zone. Choose one from the list.")}

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("Time zone"))
        super().__init__(choices=zone_choices, **options)
        self.stored = ""

    def valid_value(self, value: Any) -> bool:
        return known(str(value)) is not None or (str(value) == self.stored and is_valid(self.stored))

    def get_bound_field(self, form: forms.BaseForm, field_name: str) -> forms.BoundField:
        bound = super().get_bound_field(form, field_name)
        self.stored = str(bound.initial or "")
        self.choices = zone_choices(str(bound.value() or ""))
        return bound


class SignInForm(StyledFormMixin, AuthenticationForm):
    """E-mail and password. Says the same whether the address is unknown or the password wrong."""

    error_messages = {
        "invalid_login": _("Wrong e-mail address or password. Check both and try again."),
        "inactive": _("This account can't sign in any more. Ask an admin of your organization."),
    }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["username"].label = _("E-mail")
        self.fields["username"].widget.attrs |= {"inputmode": "email", "autocomplete": "username"}
