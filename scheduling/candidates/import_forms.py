"""The form that takes a file or pasted rows."""

from __future__ import annotations

from typing import Any

from django import forms
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.forms import StyledFormMixin
from scheduling.candidates.import_csv import MOST_BYTES

# What is typed is held in memory while the request is read; Django allows 2.5 MB of it.
MOST_PASTED = 600_000


class CandidateImportForm(StyledFormMixin, forms.Form):
    """A file or pasted rows, not both."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values"}),
        help_text=gettext_lazy("CSV, or “Unicode text” from Excel. Up to 5 MB."),
    )
    pasted = forms.CharField(
        label=gettext_lazy("Or paste rows"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off", "wrap": "off"}),
        help_text=gettext_lazy("Copy them from a spreadsheet, with the column names."),
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload is not None and upload.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file is larger than %(most)s (%(size)s). Split it into several files."),
                params={"size": filesizeformat(upload.size), "most": filesizeformat(MOST_BYTES)},
            )
        return upload

    def clean_pasted(self) -> str:
        # Not max_length: the browser would cut what is pasted and say nothing.
        pasted: str = self.cleaned_data["pasted"]
        if len(pasted) > MOST_PASTED:
            raise forms.ValidationError(_("This is too long to paste. Save it as a file and upload the file."))
        return pasted

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        upload, pasted = data.get("file"), (data.get("pasted") or "").strip()
        if not self.errors and upload is None and not pasted:
            self.add_error("file", _("Choose a file, or paste rows below."))
        elif upload is not None and pasted:
            self.add_error("pasted", _("You chose a file as well. Remove the file or the pasted rows."))
        return data
