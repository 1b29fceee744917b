"""Moving the selected schedules: by how much, what it meets, and what came of each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta
from typing import Any, Final

from django.http import HttpResponse, QueryDict
from django.shortcuts import render
from django.utils.translation import gettext as _

from organizations import parameters
from organizations.access import AccessRequest, allowed, post_only
from organizations.parameters import row_id
from organizations.permissions import Permission
from scheduling.models import MessageState, Schedule
from scheduling.models.change_reasons import reasons_of
from scheduling.planning import moving_several
from scheduling.planning.moving_several import Answers
from scheduling.schedules import selected
from scheduling.schedules.interview_forms import AmountForm, ReasonForm
from scheduling.schedules.selected import MOST
from scheduling.views import problems
from scheduling.views.selected import DIALOG, ids_in, refusal, result, schedules_page

#: Quick buttons, by the amount that they enter.
QUICK: Final = {"1d": ("1", "days"), "1w": ("1", "weeks")}


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(schedules_page)
def move_schedules(request: AccessRequest) -> HttpResponse:
    """Ask by how much, show what moving meets, then move each of the selected schedules, for one reason."""
    ids = ids_in(request, "schedule")
    schedules = selected.chosen(request.access, ids[:MOST])
    if refused := refusal(request, ids, schedules):
        return refused
    sent = request.POST.copy()
    quick = parameters.choice(sent.get("quick"), QUICK)
    if quick:
        sent["amount"], sent["unit"] = QUICK[quick]
    saves = sent.get("confirmed") == "yes" and not quick and not sent.get("part")
    asked = saves or "part" in sent or sent.get("amount")
    amount = AmountForm(sent if asked else None, initial={"unit": "days"})
    by = amount.by if amount.is_valid() else None
    chosen = {name: sent.get(name, "") for name in ("reason", "note")}
    reason = ReasonForm(sent if saves else None, initial=chosen, reasons=reasons_of(request.access.organization))
    was_shown = by is not None and sent.get("shown") == _key(by)
    if saves and all([reason.is_valid(), by is not None, was_shown]) and by is not None:
        return _moved(request, schedules, by, reason, _answers(sent))
    plans = moving_several.previewed(request.access, schedules, by) if by is not None else []
    context: dict[str, Any] = {
        "schedules": schedules,
        "plans": plans,
        "number": sum(not plan.problem for plan in plans),
        "anyway": _anyway(sent),
        "form": amount,
        "reason": reason,
        "shown": _key(by) if by is not None else "",
        "quick": [("1d", _("+1 day")), ("1w", _("+1 week"))],
        "problems": [*problems.of_form(amount), *problems.of_form(reason)] if saves else [],
        "is_new": saves and by is not None and not was_shown,
        "checked": saves,
    }
    return render(request, f"{DIALOG}move.html", context, status=422 if saves else 200)


def _moved(
    request: AccessRequest, schedules: Sequence[Schedule], by: timedelta, reason: ReasonForm, answers: Answers
) -> HttpResponse:
    outcomes = list(moving_several.move_all(request.access, schedules, by, reason.given_reason(), answers))
    outcomes.sort(key=lambda one: one.name)
    done = [one for one in outcomes if not one.problem]
    drafted = request.access.all(Schedule).filter(
        pk__in=[one.pk for one in schedules], messages__state=MessageState.DRAFT
    )
    to_send = sorted(set(drafted.order_by("pk").values_list("pk", flat=True))) if done else []
    return result(request, outcomes, moving_several.moved_in_words(len(done)), done=done, to_send=to_send)


def _key(by: timedelta) -> str:
    return str(round(by.total_seconds()))


def _anyway(sent: QueryDict) -> set[int]:
    """Return the ids of schedules that are moved in spite of their conflicts."""
    return set(parameters.row_ids(sent.getlist("anyway")))


def _answers(sent: QueryDict) -> Answers:
    anyway = _anyway(sent)
    overridden: dict[int, set[str]] = defaultdict(set)
    for text in sent.getlist("conflict"):
        schedule, _space, token = text.partition(" ")
        if (pk := row_id(schedule)) in anyway and pk is not None:
            overridden[pk].add(token)
    versions = {
        pk: version
        for text in sent.getlist("version")
        for schedule, _space, version in [text.partition(" ")]
        if (pk := row_id(schedule)) is not None
    }
    return Answers(versions, overridden)
