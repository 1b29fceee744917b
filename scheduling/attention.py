"""What needs a person's attention, for the home page.

Each provider looks at one kind of trouble: `(access) -> list of Attention`, in at most two queries, most urgent first.
Adding one is a function and an entry in PROVIDERS. Interviewers are not asked: they can do nothing about these.
"""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from integrations.connections import CODING_TOOL, integrations_of
from integrations.models import Integration
from organizations.access import Access
from scheduling.attention_item import MOST, Attention, address_of, more_of
from scheduling.attention_messages import unsent_messages
from scheduling.attention_times import clashes
from scheduling.link_words import connection_step, link_view
from scheduling.models import CodingLink, Interview, LinkState


def broken_integration(access: Access) -> list[Attention]:
    """A coding tool that is paused, or that was connected once and is not any more."""
    integration = next((one for one in integrations_of(access) if one.kind == CODING_TOOL), None)
    if integration is None or integration.state == Integration.State.CONNECTED:
        return []
    if integration.state == Integration.State.DISCONNECTED and integration.connected_at is None:
        return []
    step = connection_step(integration, access)
    if integration.state == Integration.State.PAUSED:
        text = _("CodeSignal is paused: new links wait.")
    else:
        text = _("CodeSignal is not connected: no links can be made.")
    detail = " ".join(part for part in (integration.problem, step.text) if part)
    return [Attention("plug-connected-x", "danger", text, detail, step.address, step.label)]


def failed_links(access: Access) -> list[Attention]:
    """Links that nothing moves on by itself: refused for good, or with several at the vendor to choose from.

    Only of interviews that are still to come; those that come first stand first. At the end, what deleted schedules
    left at the vendor.
    """
    waiting = Q(state=LinkState.FAILED) | Q(state=LinkState.UNKNOWN, problem_code="ambiguous")
    stuck = Q(state=LinkState.CANCELLING, next_attempt_at__isnull=True)
    left = Q(state=LinkState.CANCELLING, interview__isnull=True) & ~Q(problem="")
    coming = Q(interview__state=Interview.State.SCHEDULED, interview__ends_at__gt=timezone.now())
    found = list(
        access.all(CodingLink)
        .filter((waiting & coming) | (stuck & Q(interview__isnull=False)) | left)
        .select_related("integration", "interview__schedule__candidate")
        .order_by(F("interview__starts_at").asc(nulls_last=True), "id")[: MOST + 1]
    )
    items = [_link_item(link, link.interview, access) for link in found[:MOST] if link.interview is not None]
    if leftovers := [link for link in found if link.interview is None]:
        items.append(_leftovers(leftovers))
    if len(found) > MOST:
        more = _("More links than these need you. They appear here as you settle the first ones.")
        items.append(more_of(access, more))
    return items


def _leftovers(links: list[CodingLink]) -> Attention:
    """Links of deleted schedules that could not be deleted at the vendor."""
    text = ngettext(
        "%(number)d link of a deleted schedule is still at CodeSignal",
        "%(number)d links of deleted schedules are still at CodeSignal",
        len(links),
    ) % {"number": len(links)}
    detail = _("It is tried again by itself every few hours, until it has expired there.")
    return Attention("trash", "warning", text, f"{links[0].problem} {detail}")


def _link_item(link: CodingLink, interview: Interview, access: Access) -> Attention:
    view = link_view(link, access)
    text = _("%(word)s: link for %(interview)s with %(candidate)s") % {
        "word": view.word,
        "interview": interview.name,
        "candidate": interview.schedule.candidate.name,
    }
    detail = " ".join(part for part in (view.problem, view.next_step.text) if part)
    if view.next_step.address:
        return Attention(view.icon, view.tone, text, detail, view.next_step.address, view.next_step.label)
    address = address_of(access, "schedule-communications", pk=interview.schedule_id) + "?open=codesignal"
    return Attention(view.icon, view.tone, text, detail, address, pgettext("button", "Open the link"))


Provider = Callable[[Access], list[Attention]]

# In the order in which they stand on the page.
PROVIDERS: list[Provider] = [broken_integration, failed_links, unsent_messages, clashes]


def attention(access: Access) -> list[Attention]:
    """Everything that needs this reader; nothing for interviewers."""
    if not access.is_recruiter:
        return []
    return [item for provider in PROVIDERS for item in provider(access)]


def summary(items: list[Attention]) -> str:
    """“3 things need attention”, or “More than 10 things need attention”."""
    number = sum(not item.is_more for item in items)
    if number < len(items):
        return _("More than %(number)d things need attention") % {"number": number}
    return ngettext("%(number)d thing needs attention", "%(number)d things need attention", number) % {"number": number}
