"""Checks before a message is sent: some block it, others are warnings that a person may override."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, override

from integrations.models import MeetingServer
from integrations.registry import TOOLS
from jobs.models import InterviewKind
from organizations import addresses
from organizations.bidi import isolated
from scheduling.coding_links.display import asks_for_link
from scheduling.join_links.meetings import CallState, call_of
from scheduling.join_links.references import reference
from scheduling.join_links.services import address
from scheduling.messages.formatting import day, zone_of
from scheduling.messages.placeholder_syntax import problems, used
from scheduling.messages.render_context import interviewer_sign_in_hint
from scheduling.messages.snapshot import InterviewSnapshot, Recipient, ScheduleSnapshot, interviewer
from scheduling.models import CodingLink, LinkState
from scheduling.models.messages import Audience, MessageKind


@dataclass(frozen=True, slots=True)
class Check:
    """A finding. `code` is stable; `message` says what is wrong, then what to do. `blocks`: nobody can override it."""

    code: str
    message: str
    blocks: bool = False


def check_address(recipient: Recipient | None) -> list[Check]:
    """Block where nobody is left to read it, or where the address is missing or no address."""
    if recipient is None:
        return [Check("nobody", _("This person has left the organization. Discard the message."), blocks=True)]
    if not recipient.email:
        message = _("The e-mail address is missing. Add one on the candidate's page.")
        return [Check("no_address", message, blocks=True)]
    if not addresses.is_valid(recipient.email):
        message = _("The e-mail address is invalid. Correct it on the candidate's page.")
        return [Check("bad_address", message, blocks=True)]
    return []


def check_text(subject: str, body: str, kind: MessageKind) -> list[Check]:
    """Block what could not be saved today: a template may be older than a rule."""
    found = [*problems(subject, kind, subject=True), *problems(body, kind)]
    missing = [] if subject.strip() and body.strip() else [_("The subject or the text is empty. Write one.")]
    return [Check("text", message, blocks=True) for message in [*found, *missing]]


def check_for_candidate(text: str, snapshot: ScheduleSnapshot, own_links: Iterable[str]) -> list[Check]:
    """Block what is for interviewers in a candidate's message: members' pages, others' links, sign-in hints."""
    own = set(own_links)
    found = []
    if f"{settings.BASE_URL}/o/" in text:
        found.append(_("The text has the address of a page for members only. Remove it."))
    members = {member.pk: member for assigned in snapshot.interviewers.values() for member in assigned}
    for member in members.values():
        recipient = interviewer(member)
        interviews = snapshot.interviews_for(Audience.INTERVIEWER, member.pk)
        if any(link in text for link in _join_links(snapshot, recipient, interviews) - own):
            found.append(_("The text has %(name)s's own join link. Remove it.") % {"name": isolated(recipient.name)})
    if any(hint in " ".join(text.split()) for hint in _sign_in_hints()):
        found.append(_("The text says how interviewers sign in. Remove it."))
    return [Check("for_interviewers", message, blocks=True) for message in found]


def _join_links(snapshot: ScheduleSnapshot, recipient: Recipient, interviews: Sequence[InterviewSnapshot]) -> set[str]:
    """Return the recipient's join links as a text may have them: their references, and their addresses."""
    keys = [(interview.interview_id, recipient.membership_id) for interview in interviews]
    both = (snapshot.join_links, snapshot.meeting_links)
    links = [links[key] for key in keys for links in both if key in links]
    return {reference(link) for link in links} | {address(link) for link in links if link.token}


def _sign_in_hints() -> set[str]:
    """Return what interviewers are told, in every language: it may be copied from a mail in another one."""
    hints = set()
    for language, _name in settings.LANGUAGES:
        with override(language):
            hints |= {" ".join(interviewer_sign_in_hint(entry.info.name).split()) for entry in TOOLS.values()}
    return hints


def check_links(
    snapshot: ScheduleSnapshot, recipient: Recipient, interviews: Sequence[InterviewSnapshot]
) -> list[Check]:
    """Warn where an interview whose plan asks for a coding link has none that works until its end."""
    planned = {interview.pk for interview in snapshot.interviews if asks_for_link(interview)}
    found = []
    for interview in interviews:
        link = snapshot.coding_links.get(interview.interview_id)
        join_link = snapshot.join_links.get((interview.interview_id, recipient.membership_id))
        if link is not None and join_link is not None and not join_link.token:
            message = _("The join link to “%(name)s” can't be read. Renew it below.")
            message %= {"name": isolated(interview.name)}
            found.append(Check("join_link_unreadable", message, blocks=True))
        if link is None and interview.interview_id in planned:
            message = _("“%(name)s” has no coding link, but its plan asks for one. Add it above.")
            found.append(Check("link_missing", message % {"name": isolated(interview.name)}))
        elif link is not None:
            found += _check_link(link, interview, recipient.zone)
    return found


def _check_link(link: CodingLink, interview: InterviewSnapshot, zone: str) -> list[Check]:
    name = isolated(interview.name)
    if not interview.join_link_id:
        message = _("The join link to “%(name)s” is revoked. Renew it below.")
        return [Check("join_link_revoked", message % {"name": name})]
    if link.state == LinkState.EXPIRED and timezone.now() < interview.ends_at:
        message = _("The coding link of “%(name)s” has expired. Add another one above.")
        return [Check("link_missing", message % {"name": name})]
    if link.needs_a_person:
        message = _("The coding link of “%(name)s” failed. See below how to fix it.")
        return [Check("link_failed", message % {"name": name})]
    to_be_used = link.state in {LinkState.READY, LinkState.ACTIVE}
    if to_be_used and link.expires_at is not None and link.expires_at < interview.ends_at:
        message = _("The coding link of “%(name)s” expires on %(day)s, before the interview ends.")
        until = day(link.expires_at.astimezone(zone_of(zone)))
        return [Check("link_expires", message % {"name": name, "day": until})]
    return []


def check_meetings(interviews: Sequence[InterviewSnapshot], now: datetime) -> list[Check]:
    """Warn of coming video calls without an address, and of coming interviews without an interviewer."""
    coming = [interview for interview in interviews if interview.ends_at > now]
    without_address = [
        f"“{isolated(one.name)}”" for one in coming if lacks_address(one.kind, one.location or one.meeting)
    ]
    without_people = [f"“{isolated(one.name)}”" for one in coming if not one.people]
    found = []
    if without_address:
        message = ngettext(
            "%(names)s is a video call without a meeting link. Add one under “Details”.",
            "%(names)s are video calls without a meeting link. Add one to each under “Details”.",
            len(without_address),
        )
        found.append(Check("no_meeting_address", message % {"names": get_text_list(without_address, _("and"))}))
    if without_people:
        message = ngettext(
            "%(names)s has no interviewer. Choose one under “Details”.",
            "%(names)s have no interviewer. Choose one for each under “Details”.",
            len(without_people),
        )
        found.append(Check("no_interviewer", message % {"names": get_text_list(without_people, _("and"))}))
    return found


def check_calls(snapshot: ScheduleSnapshot, servers: Mapping[str, MeetingServer], now: datetime) -> list[Check]:
    """Warn of coming interviews whose video call can't be made."""
    found = []
    for interview in snapshot.interviews:
        rooms = [member.user.video_room for member in snapshot.interviewers.get(interview.pk, ())]
        call = call_of(interview, rooms, servers) if interview.ends_at > now else None
        if call is not None and call.state is CallState.MISSING:
            message = _("“%(name)s”: %(problem)s") % {"name": isolated(interview.name), "problem": call.sentence}
            found.append(Check("no_call", message))
    return found


def lacks_address(kind: str, location: str) -> bool:
    """Whether it is a video call that nobody could open. `location` may be the kind of its video call."""
    return kind == InterviewKind.VIDEO and not location.strip()


def check_text_has_links(body: str, join_links: Sequence[str], kind: MessageKind) -> list[Check]:
    """Warn where a text asks for a join link and there is none."""
    if "join_link" in used(body) and not join_links and kind.occasion != "cancellation":
        message = _("The text has a join link, but no interview has a coding link. It will be left out.")
        return [Check("no_join_link", message)]
    return []


def check_times(interviews: Sequence[InterviewSnapshot], now: datetime, *, edited: bool, changed: bool) -> list[Check]:
    """Warn of interviews that have begun, and of a customized text that is older than the schedule."""
    found = []
    past = [interview.name for interview in interviews if interview.starts_at <= now]
    if past:
        message = _("%(names)s: the time is in the past.") % {"names": ", ".join(f"“{name}”" for name in past)}
        found.append(Check("past", message))
    if edited and changed:
        message = _("The schedule has changed since this text was edited. Read it again before you send it.")
        found.append(Check("changed_since", message))
    return found
