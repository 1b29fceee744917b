"""Findings for Home: what people answered to invitations by mail, and that nobody can read it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial

from django.utils.translation import gettext as _

from organizations.access import Access
from organizations.bidi import isolated
from scheduling.calendar_events.reply_addresses import own_address
from scheduling.calendar_events.said import with_comment
from scheduling.coding_links.display import admins_in_words
from scheduling.home.calendar_changes import new_time
from scheduling.home.items import AttentionItem, Finding, listed, moment_label, quoted, way_to_person
from scheduling.home.upcoming import NEAR, Upcoming, UpcomingAnswer, UpcomingInterview, UpcomingSchedule
from scheduling.mail_answers import problems


def answer_findings(upcoming: Upcoming, access: Access) -> Iterator[Finding]:
    """Yield declines, and proposals of another time. An answer to an earlier time of the interviews says nothing."""
    for schedule in upcoming.schedules:
        for answer in schedule.answers.values():
            found = _meant(answer, schedule)
            if not found or answer.ends_at <= upcoming.now:
                continue
            severity = "danger" if answer.starts_at < upcoming.now + NEAR else "warning"
            item = partial(_item, severity, found, answer, access)
            yield Finding(schedule.pk, severity, answer.starts_at, item)


def _meant(answer: UpcomingAnswer, schedule: UpcomingSchedule) -> list[UpcomingInterview]:
    """Return the interviews that the answer is about; none once they have moved, or their interviewer is another."""
    found = [one for one in schedule.interviews if one.pk in answer.interviews and not one.is_cancelled]
    if answer.membership is not None:
        found = [one for one in found if answer.membership in one.people]
    if not found:
        return []
    times = min(one.starts_at for one in found), max(one.ends_at for one in found)
    return found if times == (answer.starts_at, answer.ends_at) else []


def _item(
    severity: str, interviews: Sequence[UpcomingInterview], answer: UpcomingAnswer, access: Access
) -> AttentionItem:
    first = interviews[0]
    person = first.schedule.name if answer.membership is None else first.people[answer.membership].name
    values = {"person": isolated(person), "interview": listed(quoted(one) for one in interviews)}
    # Whoever proposes another time declines the present one.
    if answer.proposed_starts_at is not None:
        values["time"] = new_time(answer.proposed_starts_at, answer.starts_at)
        text = with_comment(_("%(person)s proposes %(time)s for %(interview)s") % values, answer.comment)
        detail = _("Planned: %(time)s") % {"time": moment_label(answer.starts_at)}
        keep = access.url("mail-answer-keep", pk=answer.pk), _("Keep the time")
        way = _move(interviews, access, f"?answer={answer.pk}")
        return AttentionItem("calendar-time", severity, text, detail, *way, instead=keep)
    text = with_comment(_("%(person)s declined %(interview)s") % values, answer.comment)
    if answer.membership is not None:
        way = way_to_person(first, access, _("Find a replacement"), answer.membership)
    else:
        way = _move(interviews, access)
    return AttentionItem("user-question", severity, text, moment_label(answer.starts_at), *way)


def _move(interviews: Sequence[UpcomingInterview], access: Access, asked: str = "") -> tuple[str, str, str]:
    """Return address, label and dialog that move the interviews."""
    first = interviews[0]
    if len(interviews) == 1:
        address = access.url("interview-time", pk=first.pk) + asked
        return address, _("Move the interview"), address
    dialog = access.url("schedule-move", pk=first.schedule.pk) + asked
    return access.url("schedule", pk=first.schedule.pk), _("Move all"), dialog


def mailbox_items(access: Access) -> list[AttentionItem]:
    """Return the item that answers by mail are not read; none where no mailbox is set up."""
    code = getattr(access.membership, "answers_problem", None)
    if not code or not own_address():
        return []
    text = _("Answers to invitations by e-mail are not being read.")
    if access.may.change_settings:
        return [AttentionItem("mail", "danger", text, problems.sentence(code))]
    return [AttentionItem("mail", "danger", text, _("Ask %(admins)s to fix it.") % {"admins": admins_in_words(access)})]
