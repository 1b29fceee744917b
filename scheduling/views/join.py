"""The page behind a join link, and the members' list of join links."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from django.contrib import messages
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_safe

from integrations.registry import TOOLS, tool_name
from organizations import htmx
from organizations.access import AccessRequest, allowed, post_only
from organizations.compiled import Compiled, among
from organizations.once import once
from organizations.permissions import Permission
from organizations.web_addresses import is_link
from scheduling.calendar_events.join_file import calendar_file
from scheduling.join_links import services as join_link_services
from scheduling.join_links.services import JoinState
from scheduling.messages.formatting import zone_name, zone_of
from scheduling.models import CodingLink, Interview, InterviewerAssignment, JoinLink, Schedule
from scheduling.models.coding_links import HAD
from scheduling.views.frame import communications_of

#: States in which the interview is still to come, as far as its visitor is concerned.
COMING = {JoinState.EARLY, JoinState.OPEN, JoinState.PREPARING, JoinState.NOT_READY, JoinState.NO_LINK}
#: Pages that lead on at once, by what one wants to enter.
ENTRANCES = {"now": "join-enter", "call": "join-meet"}


def _private(response: HttpResponse) -> HttpResponse:
    """Forbid storing and indexing the page, and sending its address on as referrer."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _link(token: str) -> JoinLink:
    link = join_link_services.find(token)
    if link is None:
        raise Http404
    return link


@require_safe
def join(request: HttpRequest, token: str) -> HttpResponse:
    """Show the interview and the way in. Never redirects: mail scanners open links too."""
    link = _link(token)
    visit = join_link_services.resolve_join_state(link)
    candidate = link.interview.schedule.candidate
    zone = candidate.time_zone if link.membership is None else link.membership.user.time_zone
    context = {
        "visit": visit,
        "state": visit.state.value,
        "interview": link.interview,
        "brand_of": link.organization,
        "organization_name": link.organization.name,
        "opens_before": _duration(link.organization.join_opens_minutes),
        "is_coming": visit.state in COMING,
        "for_candidate": link.membership_id is None,
        "reader_zone": zone,
        "zone_name": zone_name(zone_of(zone), link.interview.starts_at),
        "email_hint": _hint(candidate.email) if link.membership_id is None else "",
        "tool_name": tool_name(visit.tool) if visit.tool in TOOLS else _("The coding tool"),
        "token": token,
        "contact": join_link_services.contact(link) if visit.state in COMING else "",
        "call": visit.call,
        # The page says so where nobody can say when it is there.
        "has_call": bool(link.interview.meeting),
        "place": "" if link.interview.meeting else link.interview.place,
        "location_is_address": is_link(link.interview.place) and not link.interview.meeting,
    }
    return _private(htmx.render(request, "scheduling/join_links/join.html", context, part="join_state"))


def _duration(minutes: int) -> str:
    """Return `30 minutes` or `2 hours`; nothing for 0."""
    hours, rest = divmod(minutes, 60)
    if hours and not rest:
        return ngettext("%(count)d hour", "%(count)d hours", hours) % {"count": hours}
    return ngettext("%(count)d minute", "%(count)d minutes", minutes) % {"count": minutes} if minutes else ""


def _hint(email: str) -> str:
    """Return `a…@example.com`: enough to know which address is meant, too little for a stranger."""
    name, _at, domain = email.partition("@")
    return f"{name[:1]}…@{domain}" if domain else ""


@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """Redirect to the current coding link and count the use; back to the page when it is not open."""
    link = _link(token)
    visit = join_link_services.resolve_join_state(link)
    if visit.state is not JoinState.OPEN:
        return _private(redirect("join", token=token))
    if not _is_prefetch(request):
        join_link_services.count_use(link)
    return _private(HttpResponseRedirect(visit.url))


@require_safe
def meet(request: HttpRequest, token: str) -> HttpResponse:
    """Redirect to the video call of the interview, and count the use; back to the page when it can't be joined."""
    link = _link(token)
    call = join_link_services.resolve_join_state(link).call
    address = join_link_services.call_address(link, call) if call is not None else ""
    if not address:
        return _private(redirect("join", token=token))
    if not _is_prefetch(request):
        join_link_services.count_use(link)
    return _private(HttpResponseRedirect(address))


@require_safe
def calendar(_request: HttpRequest, token: str) -> HttpResponse:
    """Download the interview for a calendar; back to the page when it will not take place for this visitor."""
    link = _link(token)
    if join_link_services.resolve_join_state(link).state not in COMING:
        return _private(redirect("join", token=token))
    response = HttpResponse(calendar_file(link), content_type="text/calendar; charset=utf-8; method=PUBLISH")
    response["Content-Disposition"] = 'attachment; filename="interview.ics"'
    return _private(response)


def _is_prefetch(request: HttpRequest) -> bool:
    """Whether nobody clicked: a program checks the address (HEAD), or a browser loads it ahead of a click."""
    ahead = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return request.method == "HEAD" or any("prefetch" in words for words in ahead)


@allowed(Permission.OWN_INTERVIEWS)
@require_GET
def own_join_link(request: AccessRequest, pk: int) -> HttpResponse:
    """Redirect an interviewer to their own join link; 404 for others.

    With `?enter=now` straight on to the coding link, with `?enter=call` to the video call.
    A revoked one is not renewed here: its page says that it was revoked.
    """
    membership = request.access.membership
    interview = request.access.whole(Interview).filter(pk=pk, assignments__membership=membership).first()
    if interview is None:
        raise Http404
    link = JoinLink.objects.filter(interview=interview, membership=membership).order_by("-id").first()
    if link is None:
        messages.warning(request, _("You have no join link yet. Ask a recruiter to open and save this interview."))
        return redirect("schedule", organization=request.access.organization.slug, pk=interview.schedule_id)
    if not link.token:
        messages.warning(request, _("Your join link can't be read. Ask a recruiter to renew it."))
        return redirect("schedule", organization=request.access.organization.slug, pk=interview.schedule_id)
    page = ENTRANCES.get(request.GET.get("enter", ""), "join")
    return _private(redirect(page, token=link.token))


@allowed(Permission.SEE_SCHEDULES)
@require_GET
def join_links(request: AccessRequest, pk: int) -> HttpResponse:
    """List each interview's join links with state and uses: a section of the "Communications" tab."""
    return _list(request, request.access.find(Schedule, pk, "candidate"))


def _list(request: AccessRequest, schedule: Schedule) -> HttpResponse:
    rows = _rows(schedule)
    made = [one.link for row in rows for one in row.links if one.link is not None]
    used = sum(bool(link.uses) for link in made)
    unreadable = sum(one.is_unreadable for row in rows for one in row.links)
    context = {"schedule": schedule, "rows": rows, "made": len(made), "used": used, "unreadable": unreadable}
    return render(request, "scheduling/join_links/_list.html", context)


@dataclass(frozen=True, slots=True)
class PersonLink:
    """A person of an interview with their join link, None before the first message. `address`: "" if unreadable."""

    name: str
    link: JoinLink | None
    address: str

    @property
    def is_unreadable(self) -> bool:
        return self.link is not None and not self.link.revoked_at and not self.address


@dataclass(frozen=True, slots=True)
class InterviewLinks:
    interview: Interview
    links: list[PersonLink]


def _rows(schedule: Schedule) -> list[InterviewLinks]:
    """Return interviews that will take place and have, or had, a coding link or a video call, with the join links."""
    interviews = _LEADING_ON.all(schedule.pk)
    ids = [interview.pk for interview in interviews]
    latest = {(link.interview_id, link.membership_id): link for link in (_LINKS.all(ids) if ids else [])}
    people: dict[int, list[tuple[int | None, str]]] = {pk: [(None, str(schedule.candidate))] for pk in ids}
    for assignment in _ASSIGNMENTS.all(ids) if ids else []:
        people[assignment.interview_id].append((assignment.membership_id, str(assignment.membership.user)))
    for interview in interviews:
        interview.schedule = schedule
    return [
        InterviewLinks(one, [_person_link(name, latest.get((one.pk, key))) for key, name in people[one.pk]])
        for one in interviews
    ]


def _leading_on(schedule: int) -> QuerySet[Interview]:
    has_link = Exists(CodingLink.objects.filter(interview=OuterRef("pk"), state__in=HAD))
    rows = Interview.objects.filter(has_link | ~Q(meeting=""), schedule=schedule, state=Interview.State.SCHEDULED)
    return rows.order_by("starts_at", "id")


_LEADING_ON: Final = Compiled(_leading_on, int)
_LINKS: Final = Compiled(
    lambda interviews: JoinLink.objects.filter(among("interview", interviews)).order_by("id"), list
)
_ASSIGNMENTS: Final = Compiled(
    lambda interviews: (
        InterviewerAssignment.objects.filter(among("interview", interviews))
        .select_related("membership__user")
        .order_by("pk")
    ),
    list,
)


def _person_link(name: str, link: JoinLink | None) -> PersonLink:
    return PersonLink(name, link, join_link_services.address(link) if link is not None else "")


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(communications_of)
@once
def change_join_link(request: AccessRequest, pk: int, link: int, what: str) -> HttpResponse:
    """Revoke or renew one join link."""
    schedule = request.access.find(Schedule, pk, "candidate")
    row = request.access.find(JoinLink, link, "interview__schedule__candidate", "membership__user", "organization")
    if row.interview.schedule_id != schedule.pk:
        raise Http404
    if what == "revoke":
        join_link_services.revoke(link=row, actor=request.user)
        notice = _("Join link revoked.")
    else:
        join_link_services.renew(link=row, actor=request.user)
        notice = _("Join link renewed. Send the new one with the next message.")
    if htmx.is_asked(request):
        return htmx.trigger(_list(request, schedule), "joinLinksChanged")
    messages.success(request, notice)
    return redirect("schedule-communications", organization=request.access.organization.slug, pk=schedule.pk)
