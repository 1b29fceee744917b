"""What speaks against sending a message, in sentences: some stop it, others can be overruled knowingly."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.utils import timezone
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from jobs.models import InterviewKind
from organizations import addresses
from organizations.bidi import isolated
from scheduling.coding_links.display import asks_for_link
from scheduling.messages.formatting import day, zone_of
from scheduling.messages.placeholders import problems, used
from scheduling.messages.render import INTERVIEWERS_HINT, links_for
from scheduling.messages.snapshot import Fact, Loop, Recipient, interviewer
from scheduling.models import CodingLink, LinkState
from scheduling.models.messages import Audience, MessageKind


@dataclass(frozen=True, slots=True)
class Check:
    """`code` is a short stable word; `sentence` says what is wrong and what to do. `blocks`: it can't be overruled."""

    code: str
    sentence: str
    blocks: bool = False


def check_address(recipient: Recipient | None) -> list[Check]:
    """Somebody is there to read it, with an address that a mail server could take."""
    if recipient is None:
        return [Check("nobody", _("This person has left the organization. Discard the message."), blocks=True)]
    if not recipient.email:
        sentence = _("There is no e-mail address. Add one on the candidate's page, then come back.")
        return [Check("no_address", sentence, blocks=True)]
    if not addresses.is_valid(recipient.email):
        sentence = _("The e-mail address is not one. Correct it on the candidate's page, then come back.")
        return [Check("bad_address", sentence, blocks=True)]
    return []


def check_words(subject: str, body: str, kind: MessageKind) -> list[Check]:
    """The same sentences as at saving: a template may be older than a rule."""
    found = [*problems(subject, kind, subject=True), *problems(body, kind)]
    missing = [] if subject.strip() and body.strip() else [_("The subject or the text is empty. Write one.")]
    return [Check("words", sentence, blocks=True) for sentence in [*found, *missing]]


def check_for_candidate(text: str, loop: Loop, own_links: Iterable[str]) -> list[Check]:
    """Nothing for interviewers in what a candidate reads: our pages, their links, their instructions."""
    own = set(own_links)
    found = []
    if f"{settings.BASE_URL}/o/" in text:
        found.append(_("The text has the address of a page for members only. Take it out."))
    members = {member.pk: member for seated in loop.seats.values() for member in seated}
    for member in members.values():
        recipient = interviewer(member)
        facts = loop.facts_for(Audience.INTERVIEWER, member.pk)
        theirs = set(links_for(loop, recipient, facts).values()) - own
        if any(link in text for link in theirs):
            found.append(_("The text has %(name)s's own join link. Take it out.") % {"name": isolated(recipient.name)})
    if " ".join(str(INTERVIEWERS_HINT).split()) in " ".join(text.split()):
        found.append(_("The text tells how interviewers sign in. Take it out."))
    return [Check("for_interviewers", sentence, blocks=True) for sentence in found]


def check_links(loop: Loop, recipient: Recipient, facts: Sequence[Fact]) -> list[Check]:
    """Every interview that shall have a coding link has one that works until its end."""
    planned = {interview.pk for interview in loop.interviews if asks_for_link(interview)}
    found = []
    for fact in facts:
        link = loop.links.get(fact.interview)
        if link is None and fact.interview in planned:
            sentence = _("“%(name)s” has no coding link, though its plan asks for one. Add it above.")
            found.append(Check("link_missing", sentence % {"name": isolated(fact.name)}))
        elif link is not None:
            found += _check_link(link, fact, recipient.zone)
    return found


def _check_link(link: CodingLink, fact: Fact, zone: str) -> list[Check]:
    if not fact.door:
        sentence = _("The join link to “%(name)s” is revoked. Renew it below, so that the message can carry it.")
        return [Check("door_revoked", sentence % {"name": isolated(fact.name)})]
    if link.state == LinkState.EXPIRED and timezone.now() < fact.ends_at:
        sentence = _("The coding link of “%(name)s” has expired. Add another one above.")
        return [Check("link_missing", sentence % {"name": isolated(fact.name)})]
    if link.needs_a_person:
        sentence = _("The coding link of “%(name)s” could not be made. See above what it needs.")
        return [Check("link_failed", sentence % {"name": isolated(fact.name)})]
    to_be_used = link.state in {LinkState.READY, LinkState.ACTIVE}
    if to_be_used and link.expires_at is not None and link.expires_at < fact.ends_at:
        sentence = _("The coding link of “%(name)s” works only until %(day)s, before the interview ends.")
        until = day(link.expires_at.astimezone(zone_of(zone)))
        return [Check("link_dies", sentence % {"name": isolated(fact.name), "day": until})]
    return []


def check_meetings(facts: Sequence[Fact], now: datetime) -> list[Check]:
    """Each interview that is to come has an address if it is a video call, and somebody who interviews."""
    coming = [fact for fact in facts if fact.ends_at > now]
    nowhere = [f"“{isolated(fact.name)}”" for fact in coming if lacks_address(fact.kind, fact.place)]
    alone = [f"“{isolated(fact.name)}”" for fact in coming if not fact.people]
    found = []
    if nowhere:
        sentence = ngettext(
            "%(names)s is a video call without an address. Add one under “Details”.",
            "%(names)s are video calls without an address. Add one to each under “Details”.",
            len(nowhere),
        )
        found.append(Check("no_meeting_address", sentence % {"names": get_text_list(nowhere, _("and"))}))
    if alone:
        sentence = ngettext(
            "%(names)s has no interviewer. Choose one under “Details”.",
            "%(names)s have no interviewer. Choose one for each under “Details”.",
            len(alone),
        )
        found.append(Check("no_interviewer", sentence % {"names": get_text_list(alone, _("and"))}))
    return found


def lacks_address(kind: str, place: str) -> bool:
    """Whether nobody could open it: a video call with nothing written down to open."""
    return kind == InterviewKind.VIDEO and not place.strip()


def check_text_has_links(body: str, join_links: Sequence[str], kind: MessageKind) -> list[Check]:
    """A text that speaks of a join link has one to show."""
    if "join_link" in used(body) and not join_links and kind.occasion != "cancellation":
        sentence = _("The text asks for a join link, but no interview here has a coding link. The place stays empty.")
        return [Check("no_join_link", sentence)]
    return []


def check_times(facts: Sequence[Fact], now: datetime, *, edited: bool, changed: bool) -> list[Check]:
    """Nothing of it is over, and words that somebody wrote by hand are as new as the schedule."""
    found = []
    past = [fact.name for fact in facts if fact.starts_at <= now]
    if past:
        sentence = _("%(names)s: the time is already past.") % {"names": ", ".join(f"“{name}”" for name in past)}
        found.append(Check("past", sentence))
    if edited and changed:
        sentence = _("The schedule has changed since somebody edited this text. Read it again before it goes out.")
        found.append(Check("changed_since", sentence))
    return found
