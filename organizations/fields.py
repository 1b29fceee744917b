"""Form fields and model columns that clean their values.

A column cleans what is saved and what is looked up, and gives forms its form field. For the database it is a plain
column: migrations do not mention it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.db import models
from django.utils.translation import gettext_lazy as _

from organizations import addresses, text
from organizations.parameters import row_id

if TYPE_CHECKING:
    _CharField = models.CharField[str, str]
    _EmailField = models.EmailField[str, str]
else:
    _CharField, _EmailField = models.CharField, models.EmailField


class LineField(forms.CharField):
    """A text of one line: see `organizations.text.line`."""

    def to_python(self, value: Any) -> str:
        return text.line(super().to_python(value) or "")


class LinesField(forms.CharField):
    """A text of several lines: see `organizations.text.lines`."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> str:
        return text.lines(super().to_python(value) or "")


class RowsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    """Rows chosen by their ids. An id that no row can have is an invalid choice: not every database takes it."""

    def clean(self, value: Any) -> Any:
        for each in value if isinstance(value, list | tuple) else ():
            if row_id(str(each)) is None:
                raise forms.ValidationError(
                    self.error_messages["invalid_choice"], code="invalid_choice", params={"value": str(each)[:80]}
                )
        return super().clean(value)


class PhoneField(forms.CharField):
    """A telephone number: see `organizations.text.phone`."""

    def to_python(self, value: Any) -> str:
        return text.phone(super().to_python(value) or "")


class AddressField(forms.CharField):
    """An e-mail address, shown with `readable` and cleaned to the stored form.

    Not the browser's e-mail input, which refuses pasted invisible characters without saying why.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault("label", _("E-mail"))
        options.setdefault("max_length", addresses.LONGEST)
        super().__init__(**options)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return super().widget_attrs(widget) | {"inputmode": "email", "autocapitalize": "none", "spellcheck": "false"}

    def prepare_value(self, value: Any) -> Any:
        return addresses.readable(value) if isinstance(value, str) else value

    def to_python(self, value: Any) -> str:
        found = super().to_python(value)
        return addresses.clean(found) if found else ""


class _Cleaned:
    """Mixin for text columns: applies `clean_text` to every value, also to the one on the saved object."""

    attname: str

    def clean_text(self, value: str) -> str:
        raise NotImplementedError

    def to_python(self, value: Any) -> Any:
        return self.clean_text(value) if isinstance(value, str) else super().to_python(value)  # type: ignore[misc]

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = super().pre_save(model_instance, add)  # type: ignore[misc]
        if isinstance(value, str):
            value = self.clean_text(value)
            setattr(model_instance, self.attname, value)
        return value


def clean_columns(row: models.Model, names: Iterable[str]) -> None:
    """Clean columns of a row as saving it does: `bulk_update` stores them as they are."""
    for name in names:
        cast("models.Field[Any, Any]", row._meta.get_field(name)).pre_save(row, add=False)


class LineColumn(_Cleaned, _CharField):
    """A text of one line."""

    def clean_text(self, value: str) -> str:
        return text.line(value)

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": LineField, **options})

    def deconstruct(self) -> Any:
        return _as("django.db.models.CharField", super().deconstruct())


class PhoneColumn(_Cleaned, _CharField):
    """A telephone number."""

    def clean_text(self, value: str) -> str:
        return text.phone(value)

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": PhoneField, **options})

    def deconstruct(self) -> Any:
        return _as("django.db.models.CharField", super().deconstruct())


class AddressColumn(_Cleaned, _EmailField):
    """An e-mail address. Text that is none is stored as it is, and refused by validation."""

    def clean_text(self, value: str) -> str:
        return addresses.tidy(value)

    def formfield(self, **options: Any) -> Any:
        return super().formfield(**{"form_class": AddressField, **options})

    def deconstruct(self) -> Any:
        return _as("django.db.models.EmailField", super().deconstruct())


class AccountAddressColumn(AddressColumn):
    """An e-mail address that names an account: in the one spelling of `addresses.key`, so equality finds it."""

    def clean_text(self, value: str) -> str:
        return addresses.key(value)


def _as(path: str, deconstructed: Any) -> Any:
    name, _own, args, options = deconstructed
    return name, path, args, options
