"""The form that takes candidates' rows in."""

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
    """Either a file or pasted rows."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput(attrs={"accept": ".csv,.tsv,.txt,text/csv,text/plain,text/tab-separated-values"}),
        help_text=gettext_lazy("CSV, or what Excel calls “Unicode text”; up to 5 MB."),
    )
    pasted = forms.CharField(
        label=gettext_lazy("Or paste the rows"),
        required=False,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "autocomplete": "off", "wrap": "off"}),
        help_text=gettext_lazy("With the row that names the columns, as copied from a spreadsheet."),
    )

    def clean_file(self) -> Any:
        upload = self.cleaned_data["file"]
        if upload is not None and upload.size > MOST_BYTES:
            raise forms.ValidationError(
                _("The file has %(size)s; at most %(most)s can be imported at once. Split it into several."),
                params={"size": filesizeformat(upload.size), "most": filesizeformat(MOST_BYTES)},
            )
        return upload

    def clean_pasted(self) -> str:
        # Not max_length: the browser would cut what is pasted without a word.
        pasted: str = self.cleaned_data["pasted"]
        if len(pasted) > MOST_PASTED:
            raise forms.ValidationError(_("That is too much to paste. Save it as a file and upload that."))
        return pasted

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        upload, pasted = data.get("file"), (data.get("pasted") or "").strip()
        if not self.errors and upload is None and not pasted:
            self.add_error("file", _("Choose a file, or paste the rows below."))
        elif upload is not None and pasted:
            self.add_error("pasted", _("There is a file as well. Remove one of the two, then go on."))
        return data
