"""The dialog that puts another person into an interview, in three clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.http import HttpResponse, QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from organizations import htmx, parameters
from organizations.access import AccessRequest, allowed
from organizations.bidi import isolated
from organizations.models import Membership
from organizations.permissions import Permission
from organizations.search import is_found
from scheduling.availability.conflict_kinds import Conflict
from scheduling.models import Interview
from scheduling.planning import booking, changes
from scheduling.planning.booking import Booking
from scheduling.planning.changes import PersonChoice
from scheduling.planning.form_rows import ROWS
from scheduling.planning.movable import version_of
from scheduling.schedules.interviews import InterviewDetails, details_of
from scheduling.schedules.trail_rows import GivenReason
from scheduling.views.changing import change, find_interview, finish, when_of, why_closed
from scheduling.views.problems import FormProblem
from scheduling.views.rows import members_of
from scheduling.views.shown_rows import ShownConflict

#: From so many people on the list has a search.
MANY = 8
_PREFIX = f"{ROWS}-0"


@dataclass
class _Conflicts:
    """The chosen person's conflicts, for `planning/_conflicts.html`."""

    conflicts: list[ShownConflict]
    prefix: str = _PREFIX
    readings: Sequence[object] = ()


@dataclass
class PersonDialog:
    """The dialog that puts somebody in the place of `gone`, or beside the others where that is None.

    `closed` says why nobody can be chosen at all, `problem` why nothing was saved.
    """

    request: AccessRequest
    interview: Interview
    gone: Membership | None
    new: Membership | None = None
    version: str = ""
    closed: str = ""
    problem: str = ""
    current: str = ""
    found: Sequence[Conflict] = ()
    errors: list[FormProblem] = field(default_factory=list)

    @property
    def overrides(self) -> set[str]:
        return set(self.request.POST.getlist(f"{_PREFIX}-override"))

    @property
    def row(self) -> _Conflicts:
        kept = changes.accepted(self.found, self.new)
        about = [one for one in self.found if one.token not in kept and one.user]
        return _Conflicts([ShownConflict(one, one.token in self.overrides) for one in about])

    def details(self) -> InterviewDetails:
        details = details_of(self.interview)
        return details if self.new is None else changes.with_person(details, self.gone, self.new)

    def look(self) -> None:
        """Find the conflicts of the chosen person."""
        if self.new is not None:
            access, interview = self.request.access, self.interview
            self.found = booking.conflicts_of(access=access, details=self.details(), interview=interview)

    def answer(self, part: str = "dialog", status: int = 200) -> HttpResponse:
        people = changes.people_for(self.request.access, self.interview, members_of(self.request.access))
        words = parameters.short_text(self.request.POST.get("q", ""))
        shown = [one for one in people if is_found(one.member.user.search_key, words) or one.member == self.new]
        context = {
            "dialog": self,
            "interview": self.interview,
            "schedule": self.interview.schedule,
            "people": shown,
            "words": words,
            "searches": len(people) > MANY,
            "when": when_of(self.interview),
            "submit": self._submit(people),
            "problems": self.errors,
            "back": self.request.access.url("schedule", pk=self.interview.schedule_id),
        }
        return htmx.render(self.request, "scheduling/planning/person.html", context, part=part, status=status)

    def _submit(self, people: Sequence[PersonChoice]) -> str:
        new = [one.member for one in people] if self.new is None else [self.new]
        number = changes.told_of_person(self.interview, self.gone, {member.pk for member in new})
        if self.gone is None:
            words = ngettext("Add and prepare %(number)d message", "Add and prepare %(number)d messages", number)
        else:
            words = ngettext(
                "Replace and prepare %(number)d message", "Replace and prepare %(number)d messages", number
            )
        return words % {"number": number} if people else ""


@allowed(Permission.CHANGE_SCHEDULES)
def interview_person(request: AccessRequest, pk: int) -> HttpResponse:
    """Replace the interviewer whom `person` names, a membership's id, or add one where none is named.

    Parts: `people` as the list is searched, `conflicts` once somebody is chosen.
    """
    interview = find_interview(request.access, pk)
    sent = request.POST if request.method == "POST" else request.GET
    dialog = _person_dialog(request, interview, sent)
    if request.method != "POST":
        return dialog.answer()
    dialog.version = sent.get("version", "")
    part = parameters.choice(sent.get("part"), {"people", "conflicts"})
    if part or dialog.new is None or dialog.closed:
        return _unsaved_person(dialog, part)
    result = _replaced(dialog)
    if result is None:
        dialog.errors += _of_conflicts(dialog.row)
        return dialog.answer(status=422)
    return result


def _person_dialog(request: AccessRequest, interview: Interview, sent: QueryDict) -> PersonDialog:
    named = parameters.row_id(sent.get("person"))
    people = {one.membership_id: one.membership for one in interview.assignments.all()}
    dialog = PersonDialog(request, interview, people.get(named or 0), version=version_of([interview]))
    dialog.closed = why_closed(interview)
    if sent.get("person") and dialog.gone is None and not dialog.closed:
        dialog.closed = _("This person is no longer in the interview.")
    chosen = parameters.row_id(sent.get("new"))
    if chosen and chosen not in people:
        dialog.new = request.access.all(Membership).select_related("user").filter(pk=chosen).first()
    return dialog


def _unsaved_person(dialog: PersonDialog, part: str) -> HttpResponse:
    dialog.look()
    if part:
        return dialog.answer(part)
    if not dialog.closed:
        dialog.errors.append(FormProblem("people-list", _("Choose a person.")))
    return dialog.answer(status=422)


def _replaced(dialog: PersonDialog) -> HttpResponse | None:
    """Save and answer; None when the dialog has to be shown again, and then says why."""
    access, interview = dialog.request.access, dialog.interview
    before = details_of(interview)
    had = changes.accepted(booking.conflicts_of(access=access, details=before, interview=interview), None)
    dialog.look()
    overrides = changes.accepted(dialog.found, dialog.new) | dict.fromkeys(dialog.overrides, "")
    wanted = Booking(dialog.details(), overrides)
    result = change(dialog, wanted, GivenReason())
    if result is None or dialog.new is None:
        return None
    new = isolated(str(dialog.new.user))
    if dialog.gone is None:
        message = _("%(person)s added.") % {"person": new}
    else:
        message = _("%(person)s replaced by %(new)s.") % {"person": isolated(str(dialog.gone.user)), "new": new}
    return finish(dialog.request, message, before, result.interviews[0], had)


def _of_conflicts(row: _Conflicts) -> list[FormProblem]:
    return [
        FormProblem(f"override-{row.prefix}-{number}", shown.conflict.message)
        for number, shown in enumerate(row.conflicts, start=1)
        if not shown.ticked
    ]
