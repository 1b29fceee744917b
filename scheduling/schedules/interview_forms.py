"""Forms of one interview, of new times for a schedule, and of the reason for moving or cancelling."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, cast

from django import forms
from django.forms.utils import ErrorDict
from django.utils.datastructures import MultiValueDict
from django.utils.translation import gettext_lazy as _

from integrations import meetings
from integrations.registry import TOOLS
from jobs.models import InterviewKind, PlanInterview
from organizations.fields import LineField, LinesField
from organizations.forms import StyledFormMixin
from organizations.models import Membership
from organizations.parameters import choice, row_id, validate_likely_day
from scheduling.availability.local_time import WallClockError, moment
from scheduling.availability.planned import PlannedInterview
from scheduling.availability.rooms import Rooms
from scheduling.models import Interview, Room
from scheduling.schedules.interviews import InterviewDetails
from scheduling.schedules.trail_rows import GivenReason

#: The field of a row that remembers whether it is open.
OPEN = "open"
#: The field of a row with the kind of coding tool that is switched on for it, OFF, or nothing: as its plan says.
LINK, OFF = "link", "off"
#: The field of a row whose interview keeps no link, once it is switched off.
UNLINK = "unlink"

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


#: Return the ways to meet that are offered, with the one that is chosen.
Ways = Callable[[str], Sequence[tuple[str, "StrOrPromise"]]]


def _all_ways(_chosen: str) -> Sequence[tuple[str, StrOrPromise]]:
    return meetings.choices()


def _date_field(label: StrOrPromise) -> forms.DateField:
    return forms.DateField(
        label=label,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose a date."), "invalid": _("Enter a date like 2027-03-31.")},
        validators=[validate_likely_day],
    )


def _time_field(label: StrOrPromise) -> forms.TimeField:
    return forms.TimeField(
        label=label,
        widget=forms.TimeInput(attrs={"type": "time"}, format="%H:%M"),
        error_messages={"required": _("Choose a time."), "invalid": _("Enter a time like 14:30.")},
    )


class QuietForm:
    """A form that is read while it is still being filled in: a field without a value is no mistake yet."""

    fields: dict[str, forms.Field]

    def forget_errors(self) -> None:
        """Keep the values that could be read in `cleaned_data`, and show no errors."""
        for field in self.fields.values():
            css = field.widget.attrs.get("class", "").split()
            field.widget.attrs["class"] = " ".join(name for name in css if name != "is-invalid")
        self._errors = ErrorDict()


class _PeopleWidget(forms.SelectMultiple):
    """Ids with commas between them, in any number of fields of one name; `templates/.../_people.html` draws it."""

    def value_from_datadict(self, data: Mapping[str, Any], files: Any, name: str) -> Any:  # noqa: ARG002
        values = data.getlist(name) if isinstance(data, MultiValueDict) else data.get(name) or []
        return [part for value in values for part in str(value).split(",") if part]


class InterviewForm(QuietForm, StyledFormMixin, forms.Form):
    """One interview: a row of a new schedule, or one that is added or edited.

    Wants `people` (the organization's memberships, users joined in), the `rooms` to choose from (connections joined
    in), the `zone` in which times are entered, and `plans` (plan interviews by id) for rows that come from a plan.
    `ways` returns the ways to meet that are offered.
    """

    plan_interview = forms.IntegerField(required=False, widget=forms.HiddenInput)
    name = LineField(
        label=_("Name"), max_length=120, error_messages={"required": _("Enter a name, such as “System design”.")}
    )
    kind = forms.ChoiceField(label=_("Type"), choices=InterviewKind.choices)
    minutes = forms.IntegerField(label=_("Minutes"), min_value=5, max_value=600)
    date = _date_field(_("Date"))
    time = _time_field(_("Time"))
    interviewers = forms.TypedMultipleChoiceField(
        label=_("Interviewers"), required=False, coerce=int, widget=_PeopleWidget
    )
    meeting = forms.ChoiceField(label=_("Video call with"), required=False, choices=meetings.choices)
    place = LineField(label=_("Meeting link or location"), max_length=500, required=False)
    room = forms.CharField(label=_("Room"), required=False)
    link = forms.ChoiceField(
        label=_("Coding link"),
        required=False,
        choices=[("", ""), (OFF, OFF), *((kind, kind) for kind in TOOLS)],
        widget=forms.HiddenInput,
    )
    unlink = forms.BooleanField(required=False)
    # One of the two moments, when clocks show the time twice.
    fold = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None, choices=[("", ""), ("0", "0"), ("1", "1")]
    )

    def __init__(
        self,
        *args: Any,
        people: Sequence[Membership],
        rooms: Rooms,
        zone: str,
        plans: Mapping[int, PlanInterview] | None = None,
        ways: Ways | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.ways = ways or _all_ways
        self.people = {person.pk: person for person in people}
        self.rooms = rooms
        self.zone = zone
        self.plans = plans or {}
        self.clock_error: WallClockError | None = None
        cast(forms.ChoiceField, self.fields["meeting"]).widget.choices = self._ways
        cast(forms.ChoiceField, self.fields["interviewers"]).choices = [
            (person.pk, str(person.user)) for person in people
        ]

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("date") and data.get("time") is not None and data.get("minutes"):
            try:
                data["starts_at"] = moment(data["date"], data["time"], self.zone, data.get("fold"))
                data["ends_at"] = data["starts_at"] + timedelta(minutes=data["minutes"])
            except WallClockError as problem:
                self.clock_error = problem
        return data

    def _ways(self) -> Sequence[tuple[str, StrOrPromise]]:
        """The ways to meet that the page offers; asked for when the field is drawn, which most requests don't do."""
        return self.ways(str(self["meeting"].value() or ""))

    def clean_room(self) -> Room | None:
        if self.cleaned_data["room"] and self.chosen_room is None:
            raise forms.ValidationError(_("This room can't be booked any more. Choose another."))
        return self.chosen_room

    @property
    def plan(self) -> PlanInterview | None:
        """The plan's interview that this row comes from; None for a row added by hand, or gone from the plan."""
        pk = row_id(str(self["plan_interview"].value() or ""))
        return self.plans.get(pk) if pk else None

    @property
    def link_tool(self) -> str | None:
        """The setting of its switch, as `Interview.link_tool` has it."""
        setting = choice(self[LINK].value(), [OFF, *TOOLS])
        return None if not setting else "" if setting == OFF else setting

    @property
    def asked_tool(self) -> str:
        """The kind of coding tool whose link the interview gets; "" for none."""
        plan = self.plan
        return self.link_tool if self.link_tool is not None else plan.link_tool if plan else ""

    @property
    def removes_link(self) -> bool:
        """Whether its link is removed, once it is switched off."""
        return bool(self[UNLINK].value())

    @property
    def chosen(self) -> list[Membership]:
        """The people who are chosen, each once, in their order; not those who have left."""
        ids = (row_id(str(value)) for value in self["interviewers"].value() or ())
        return [self.people[pk] for pk in dict.fromkeys(ids) if pk in self.people]

    @property
    def chosen_room(self) -> Room | None:
        """The room that is chosen; None also for one that is gone."""
        pk = row_id(str(self["room"].value() or ""))
        return self.rooms.get(pk) if pk else None

    @property
    def is_open(self) -> bool:
        """Whether the row shows all of its fields."""
        return bool(self.data.get(self.add_prefix(OPEN)))

    def planned(self, key: str, interview: Interview | None = None) -> PlannedInterview:
        """Return the interview as far as it is filled in. Call after validation."""
        data = getattr(self, "cleaned_data", {})
        plan = self.plan
        return PlannedInterview(
            key=key,
            name=data.get("name") or str(self["name"].value() or ""),
            starts_at=data.get("starts_at"),
            ends_at=data.get("ends_at"),
            interviewers=tuple(data.get("interviewers") or ()),
            expected=plan.interviewer_count if plan else 0,
            clock_error=self.clock_error,
            interview=interview.pk if interview else None,
            plan=plan,
            room=self.chosen_room,
        )

    @property
    def overrides(self) -> set[str]:
        """Tokens of the conflicts that are ticked to be overridden."""
        return set(self.data.getlist(self.add_prefix("override"))) if isinstance(self.data, MultiValueDict) else set()

    @property
    def is_complete(self) -> bool:
        """Whether all fields are filled in and the time names one moment. Call after validation."""
        return not self.errors and "starts_at" in self.cleaned_data

    def details(self) -> InterviewDetails:
        """Return the interview for `scheduling.planning.booking`. Only of a complete form."""
        data = self.cleaned_data
        meeting = data["meeting"] if data["kind"] == InterviewKind.VIDEO else ""
        return InterviewDetails(
            name=data["name"],
            kind=data["kind"],
            starts_at=data["starts_at"],
            ends_at=data["ends_at"],
            place="" if meeting else data["place"],
            meeting=meeting,
            interviewers=tuple(self.people[pk] for pk in data["interviewers"]),
            plan_interview=self.plan,
            link_tool=self.link_tool,
            removes_link=self.removes_link,
            room=self.chosen_room,
        )


class RescheduleForm(StyledFormMixin, forms.Form):
    """The new beginning of a schedule's first interview; the others keep their distance on the clock."""

    date = _date_field(_("Date of the first interview"))
    time = _time_field(_("Time of the first interview"))

    @property
    def start(self) -> dt.datetime | None:
        """The new beginning, naive; None while it is not complete. Call after validation."""
        day, clock = self.cleaned_data.get("date"), self.cleaned_data.get("time")
        return dt.datetime.combine(day, clock) if day is not None and clock is not None else None


class AmountForm(StyledFormMixin, forms.Form):
    """By how much several schedules move, on the clock."""

    UNITS: Final = {"minutes": timedelta(minutes=1), "days": timedelta(days=1), "weeks": timedelta(weeks=1)}

    amount = forms.IntegerField(
        label=_("Move by"),
        min_value=-1000,
        max_value=1000,
        error_messages={"required": _("Enter a number, such as 1, or -1 for earlier.")},
    )
    unit = forms.ChoiceField(
        label=_("Unit"), choices=[("days", _("days")), ("weeks", _("weeks")), ("minutes", _("minutes"))]
    )

    def clean_amount(self) -> int:
        amount: int = self.cleaned_data["amount"]
        if amount == 0:
            raise forms.ValidationError(_("Enter a number other than 0."))
        return amount

    @property
    def by(self) -> timedelta:
        """How much. Only of a valid form."""
        amount: int = self.cleaned_data["amount"]
        return amount * self.UNITS[self.cleaned_data["unit"]]


class ReasonForm(StyledFormMixin, forms.Form):
    """The reason for moving or cancelling, and a note. Wants the organization's `reasons`."""

    reason = forms.ChoiceField(
        label=_("Reason"), error_messages={"required": _("Choose a reason. It appears in the history.")}
    )
    note = LinesField(
        label=_("Note"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("For your team. It appears in the history."),
    )

    def __init__(self, *args: Any, reasons: Sequence[str], needed: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = cast(forms.ChoiceField, self.fields["reason"])
        field.choices = [("", _("Choose a reason")), *((reason, reason) for reason in reasons)]
        field.required = needed

    def given_reason(self) -> GivenReason:
        return GivenReason(self.cleaned_data["reason"], self.cleaned_data["note"].strip())
