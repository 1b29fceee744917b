"""The form of the "Organization" page of the settings."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from organizations import accents, logo_images
from organizations.fields import LineField
from organizations.forms import StyledFormMixin
from organizations.holiday_fields import PlaceField
from organizations.languages import LanguageField
from organizations.models import MOST_BUFFER, Organization
from organizations.models.organizations import validate_colour
from organizations.zone_fields import ZoneField

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

#: Accents to choose from, each with its name. All can be read on white.
PRESETS = {
    "#0f766e": _("Teal"),
    "#15803d": _("Green"),
    "#b45309": _("Orange"),
    "#b91c1c": _("Red"),
    "#be185d": _("Pink"),
    "#6d28d9": _("Violet"),
    "#0369a1": _("Blue"),
    "#334155": _("Slate"),
}
OWN_COLOUR = "own"


def _minutes(label: StrOrPromise) -> forms.IntegerField:
    widget = forms.NumberInput({"step": 5})
    return forms.IntegerField(label=label, required=False, min_value=0, max_value=MOST_BUFFER, widget=widget)


class OrganizationForm(StyledFormMixin, forms.ModelForm[Organization]):
    time_zone = ZoneField(help_text=_("For the whole organization. Everyone sees times in their own time zone."))
    language = LanguageField(
        label=_("Language of messages"),
        help_text=_("For candidates, and for members who haven't chosen a language."),
    )
    join_opens_minutes = forms.IntegerField(
        label=_("Join links open this many minutes ahead"),
        min_value=0,
        max_value=1440,
        help_text=_("Before that, a join link shows the time of the interview and how to prepare."),
    )

    holidays_of = PlaceField(
        others=[("", _("None"))], help_text=_("Days off for everyone. Members can choose others in their profile.")
    )
    buffer_before = _minutes(_("Minutes before an interview"))
    buffer_after = _minutes(_("Minutes after an interview"))
    logo = forms.FileField(
        label=_("New logo"),
        required=False,
        allow_empty_file=True,
        widget=forms.FileInput,
        help_text=_("PNG, JPEG or WebP, at most 512 kB. Shown on join pages, in messages and to members."),
    )
    remove_logo = forms.BooleanField(label=_("Remove logo"), required=False)
    accent_choice = forms.ChoiceField(
        label=_("Accent color"),
        required=False,
        choices=[("", _("Panelist's own")), *PRESETS.items(), (OWN_COLOUR, _("Your own color"))],
        widget=forms.RadioSelect,
        help_text=_("For buttons on join pages and in messages, and for your mark."),
    )
    own_accent = LineField(
        label=_("Your own color"),
        required=False,
        max_length=7,
        validators=[validate_colour],
        widget=forms.TextInput(attrs={"type": "color"}),
    )

    class Meta:
        model = Organization
        fields = (
            "name",
            "time_zone",
            "language",
            "sender_name",
            "reply_to",
            "join_opens_minutes",
            "holidays_of",
            "buffer_before",
            "buffer_after",
            "invitation_grouping",
            "interviewer_invitations",
        )
        help_texts = {
            "sender_name": _("The sender of messages. Leave empty for whoever sends: “Robin Becker (Acme)”."),
            "interviewer_invitations": _("An event moves and goes with its interview, and brings answers back."),
            "reply_to": _("Replies go here. Leave empty to send them to whoever sent the message."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        chosen = self._former_accent = self.instance.accent
        # Short: the whole of a choice is read on a phone, too.
        calendar, mail = Organization.InterviewerInvitations
        short = [(calendar.value, _("Calendar events, else e-mails")), (mail.value, _("E-mails"))]
        cast(forms.TypedChoiceField, self.fields["interviewer_invitations"]).choices = short
        self.fields["logo"].widget.attrs["accept"] = ",".join(f"image/{kind.lower()}" for kind in logo_images.FORMATS)
        self.initial["accent_choice"] = chosen if chosen in PRESETS or not chosen else OWN_COLOUR
        self.initial["own_accent"] = chosen or accents.OWN

    def clean_logo(self) -> bytes | None:
        upload = self.cleaned_data["logo"]
        if not upload:
            return None
        try:
            return logo_images.read(upload)
        except logo_images.Refused as refused:
            raise forms.ValidationError(refused.message) from None

    def clean_buffer_before(self) -> int:
        return self.cleaned_data["buffer_before"] or 0

    def clean_buffer_after(self) -> int:
        return self.cleaned_data["buffer_after"] or 0

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "accent_choice" in cleaned and "own_accent" not in self.errors:
            own = str(cleaned.get("own_accent") or "").lower()
            # A color that was picked means itself, also where the choice beside it was forgotten.
            is_picked = own and "own_accent" in self.changed_data and "accent_choice" not in self.changed_data
            is_own = cleaned["accent_choice"] == OWN_COLOUR or is_picked
            self.instance.accent = (own or accents.OWN) if is_own else cleaned["accent_choice"]
        return cleaned

    @property
    def changed(self) -> list[str]:
        """The names of the changed fields, for the trail; a logo is told apart from them."""
        others = {"logo", "remove_logo", "accent_choice", "own_accent"}
        columns = [name for name in self.changed_data if name not in others]
        return [*columns, "accent_choice"] if self.instance.accent != self._former_accent else columns

    @property
    def shades(self) -> accents.Accent:
        """The saved accent, with the shades in which it is readable."""
        return accents.accent(str(self.initial["own_accent"]))
