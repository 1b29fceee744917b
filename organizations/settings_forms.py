"""Forms of the organization's settings and its members."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.auth import password_validation
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from organizations import public_holidays
from organizations.fields import AddressField, LineField
from organizations.forms import PASSWORD_RULES, StyledFormMixin
from organizations.holiday_fields import PlaceField
from organizations.hooks import coordinated_jobs
from organizations.invitations import open_for
from organizations.languages import AS_IN_BROWSER, LanguageField
from organizations.models import Invitation, Membership, Organization, User
from organizations.parameters import validate_likely_day
from organizations.permissions import IN_SHORT
from organizations.web_addresses import is_link
from organizations.zone_fields import ZoneField

if TYPE_CHECKING:
    from django.http import QueryDict
    from django_stubs_ext import StrOrPromise

WEEK = [
    ("1", _("Monday")),
    ("2", _("Tuesday")),
    ("3", _("Wednesday")),
    ("4", _("Thursday")),
    ("5", _("Friday")),
    ("6", _("Saturday")),
    ("7", _("Sunday")),
]
MOST_DAYS_OFF = 92
Role = Membership.Role


class DeleteOrganizationForm(StyledFormMixin, forms.Form):
    """The organization's name, typed by whoever deletes it."""

    name = LineField(label=_("Type the organization's name"), max_length=120)
    tell = forms.BooleanField(
        label=_("Tell everyone whose interview is cancelled"),
        required=False,
        initial=True,
        help_text=_("Candidates and interviewers get the usual message when it happens."),
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = organization.name

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if name.casefold() != self._name.casefold():
            raise forms.ValidationError(
                _("The organization's name is “%(name)s”. Type it the same way."), params={"name": self._name}
            )
        return name


class TrailPeriodForm(StyledFormMixin, forms.Form):
    trail_months = forms.TypedChoiceField(
        label=_("Keep activity for"),
        choices=Organization.TrailPeriod.choices,
        coerce=int,
        help_text=_("Older activity is deleted every hour, for good."),
    )


class RoleForm(StyledFormMixin, forms.Form):
    """A role, and the jobs of a coordinator: ids, none for other roles."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
    jobs = forms.TypedMultipleChoiceField(
        label=_("Jobs"),
        coerce=int,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"invalid_choice": _("One of these jobs was deleted. Choose again.")},
    )

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.organization = organization
        self.offered = coordinated_jobs.choices(organization)
        field = self.fields["jobs"]
        assert isinstance(field, forms.TypedMultipleChoiceField)  # noqa: S101
        field.choices = self.offered

    @classmethod
    def of(cls, membership: Membership, data: QueryDict | None = None) -> RoleForm:
        jobs = coordinated_jobs.of([membership]).get(membership.pk, [])
        initial = {"role": membership.role, "jobs": [job.pk for job in jobs]}
        return cls(data, initial=initial, organization=membership.organization)

    @property
    def in_short(self) -> list[tuple[str, StrOrPromise, StrOrPromise]]:
        """Value, name and meaning of each role."""
        return [(role.value, role.label, IN_SHORT[role]) for role in Role]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if cleaned.get("role") != Role.COORDINATOR:
            self.errors.pop("jobs", None)
            cleaned["jobs"] = []
        elif not self.offered:
            self.add_error("jobs", _("There are no jobs yet. Create one, then choose it here."))
        elif not cleaned.get("jobs") and "jobs" not in self.errors:
            self.add_error("jobs", _("Choose at least one job for a coordinator."))
        return cleaned


class InviteForm(RoleForm):
    email = AddressField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].initial = Role.INTERVIEWER.value
        self.fields["email"].widget.attrs["autocomplete"] = "off"

    def clean_email(self) -> str:
        email = str(self.cleaned_data["email"]).lower()
        if Membership.objects.filter(organization=self.organization, user__email=email).exists():
            raise forms.ValidationError(_("%(email)s is already a member."), params={"email": email})
        invitation = open_for(self.organization, email)
        if invitation is not None:
            end = date_format(timezone.localtime(invitation.expires_at), "DATE_FORMAT")
            text = _("%(email)s is already invited until %(end)s. Send it again or withdraw it below.")
            raise forms.ValidationError(text, params={"email": email, "end": end})
        return email


class ZoneForm(StyledFormMixin, forms.ModelForm[User]):
    """A person's own time zone."""

    time_zone = ZoneField(
        help_text=_("For all your organizations. Your calendar, your messages and your working hours follow it.")
    )

    class Meta:
        model = User
        fields = ("time_zone",)


#: Hours may run past midnight, for people who interview on another continent. Longer ones are a slip, such as 9 to 5.
LONGEST_NIGHT = timedelta(hours=12)


class HoursForm(StyledFormMixin, forms.Form):
    """A member's working hours, in the member's time zone, and public holidays. The end may be on the next day."""

    work_from = forms.TimeField(label=_("Works from"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    work_until = forms.TimeField(label=_("Works until"), widget=forms.TimeInput(format="%H:%M", attrs={"type": "time"}))
    work_days = forms.MultipleChoiceField(
        label=_("Working days"),
        choices=WEEK,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one day.")},
    )
    holidays_of = PlaceField(others=(), help_text=_("Interviews on these days show a warning."))

    def __init__(self, *args: Any, organization: Organization, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        place = organization.holidays_of
        as_all = _("As the organization: %(place)s") % {"place": public_holidays.named(place) if place else _("none")}
        field = self.fields["holidays_of"]
        assert isinstance(field, PlaceField)  # noqa: S101
        field.offer([("", as_all), (public_holidays.NONE, _("None: works on public holidays"))])

    @classmethod
    def of(
        cls, membership: Membership, data: QueryDict | None = None, asked: Mapping[str, str] | None = None
    ) -> HoursForm:
        """Return the form of a member; `asked` has values that are chosen and not saved."""
        return cls(
            data,
            organization=membership.organization,
            initial={
                "work_from": membership.work_from,
                "work_until": membership.work_until,
                "work_days": list(membership.work_days),
                "holidays_of": membership.holidays_of,
                **(asked or {}),
            },
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        start, end = cleaned.get("work_from"), cleaned.get("work_until")
        if start and end and end <= start and not _is_night(start, end):
            self.add_error("work_until", _("The end must be after the start. Correct one of them."))
        return cleaned


def _is_night(start: time, end: time) -> bool:
    """Whether hours that end before they start are those of a night."""
    first, last = (timedelta(hours=at.hour, minutes=at.minute) for at in (start, end))
    return end < start and last + timedelta(days=1) - first <= LONGEST_NIGHT


class DaysOffForm(StyledFormMixin, forms.Form):
    """One day off, or several in a row."""

    first_day = forms.DateField(
        label=_("First day"),
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        validators=[validate_likely_day],
    )
    last_day = forms.DateField(
        label=_("Last day"),
        required=False,
        validators=[validate_likely_day],
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
        help_text=_("Leave empty for one day."),
    )
    note = LineField(label=_("Note"), required=False, max_length=120)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        first = cleaned.get("first_day")
        last = cleaned.get("last_day") or first
        if first and last:
            cleaned["last_day"] = last
            if last < first:
                self.add_error("last_day", _("The last day is before the first. Correct one of them."))
            elif last - first >= timedelta(days=MOST_DAYS_OFF):
                self.add_error("last_day", _("This is more than 92 days. Add a longer absence in parts."))
            elif last < timezone.localdate():
                self.add_error("first_day", _("These days are over. Choose later ones."))
        return cleaned


class NameForm(StyledFormMixin, forms.ModelForm[User]):
    """A person's own name, language and video room."""

    language = LanguageField(empty=AS_IN_BROWSER, help_text=_("For pages and for e-mail to you."))

    class Meta:
        model = User
        fields = ("name", "language", "video_room")
        labels = {"video_room": _("Your video room")}
        help_texts = {"video_room": _("Your own permanent meeting link. Interviews can take place there.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["video_room"].widget.attrs |= {"inputmode": "url", "autocomplete": "off"}

    def clean_video_room(self) -> str:
        room = str(self.cleaned_data["video_room"])
        if room and not is_link(room):
            raise forms.ValidationError(_("Enter a web address, such as https://video.example.com/your-name."))
        return room


class JoinForm(StyledFormMixin, forms.Form):
    """Name, password and time zone of an invited person without an account."""

    name = LineField(label=_("Your name"), max_length=150)
    password = forms.CharField(
        label=_("Password"), strip=False, widget=forms.PasswordInput(attrs={"autocomplete": "new-password"})
    )
    time_zone = ZoneField(label=_("Your time zone"))

    def __init__(self, *args: Any, invitation: Invitation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.invitation = invitation
        self.fields["name"].widget.attrs["autocomplete"] = "name"
        self.fields["password"].help_text = PASSWORD_RULES
        self.fields["time_zone"].widget.attrs["data-here"] = "propose"

    def clean_password(self) -> str:
        password = str(self.cleaned_data["password"])
        user = User(email=self.invitation.email, name=str(self.data.get("name", "")))
        user.joins = self.invitation.organization.name
        password_validation.validate_password(password, user)
        return password
