"""The visitors' door, and the members' list of join links."""

from __future__ import annotations

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_safe

from integrations.registry import TOOLS
from organizations import htmx
from organizations.access import AccessRequest, any_member_view, post_only, recruiter_view
from organizations.once import once
from scheduling.join_links import services as doors
from scheduling.models import CodingLink, Interview, JoinLink, Schedule
from scheduling.models.coding_links import HAD
from scheduling.views.frame import communications_of


def _private(response: HttpResponse) -> HttpResponse:
    """Nobody keeps it, indexes it, or learns from where the visitor came."""
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _link(token: str) -> JoinLink:
    link = doors.find(token)
    if link is None:
        raise Http404
    return link


@require_safe
def join(request: HttpRequest, token: str) -> HttpResponse:
    """What there is behind the door now. Never moves on by itself: mail scanners open links too."""
    link = _link(token)
    visit = doors.visit(link)
    without_way_in = visit.door in {doors.Door.TROUBLE, doors.Door.NO_CODE}
    context = {
        "visit": visit,
        "door": visit.door.value,
        "interview": link.interview,
        "organization_name": link.organization.name,
        "for_candidate": link.membership_id is None,
        "reader_zone": link.interview.schedule.candidate.time_zone
        if link.membership is None
        else link.membership.user.time_zone,
        "email_hint": _hint(link.interview.schedule.candidate.email) if link.membership_id is None else "",
        "tool_name": TOOLS["codesignal"].info.name,
        "token": token,
        "contact": doors.contact(link) if without_way_in else "",
        "place_is_address": link.interview.place.startswith(("https://", "http://")),
    }
    return _private(htmx.render(request, "scheduling/join_links/join.html", context, part="door"))


def _hint(email: str) -> str:
    """Enough of the address to know which one is meant, too little for a stranger: a…@example.com."""
    name, _at, domain = email.partition("@")
    return f"{name[:1]}…@{domain}" if domain else ""


@require_safe
def enter(request: HttpRequest, token: str) -> HttpResponse:
    """On to the coding link that is current; back to the door when it is not open. Counts who goes through."""
    link = _link(token)
    visit = doors.visit(link)
    if visit.door is not doors.Door.OPEN:
        return _private(redirect("join", token=token))
    if not _only_looks(request):
        doors.count_use(link)
    return _private(HttpResponseRedirect(visit.url))


def _only_looks(request: HttpRequest) -> bool:
    """A program that asks whether the address is there (HEAD), or a browser that fetches ahead what may be clicked."""
    ahead = (request.headers.get(name, "") for name in ("Sec-Purpose", "Purpose", "X-Moz"))
    return request.method == "HEAD" or any("prefetch" in words for words in ahead)


@any_member_view
@require_GET
def own_join_link(request: AccessRequest, pk: int) -> HttpResponse:
    """Leads an interviewer to their own join link; 404 for who does not interview in it.

    One that was revoked is not renewed by its owner: they come to the page that says so.
    """
    membership = request.access.membership
    interview = request.access.all(Interview).filter(pk=pk, assignments__membership=membership).first()
    if interview is None:
        raise Http404
    link = JoinLink.objects.filter(interview=interview, membership=membership).order_by("-id").first()
    if link is None:
        messages.warning(request, _("You have no join link yet. Ask a recruiter to save this interview again."))
        return redirect("schedule", organization=request.access.organization.slug, pk=interview.schedule_id)
    return _private(redirect("join", token=link.token))


@recruiter_view
@require_GET
def join_links(request: AccessRequest, pk: int) -> HttpResponse:
    """Each interview's join links, with state and uses: a section of the Communications tab."""
    schedule = request.access.find(Schedule, pk, "candidate")
    return render(request, "scheduling/join_links/_list.html", {"schedule": schedule, "rows": _rows(schedule)})


def _rows(schedule: Schedule) -> list[dict[str, object]]:
    """Of interviews that take place and have, or had, a coding link to lead to."""
    rows = []
    has_link = Exists(CodingLink.objects.filter(interview=OuterRef("pk"), state__in=HAD))
    interviews = schedule.interviews.filter(has_link, state=Interview.State.SCHEDULED)
    seen = interviews.prefetch_related("join_links__membership__user", "assignments__membership__user")
    for interview in seen.select_related("schedule__candidate").order_by("starts_at", "id"):
        latest: dict[int | None, JoinLink] = {}
        for link in interview.join_links.all():
            latest[link.membership_id] = link
        people: list[tuple[int | None, str]] = [(None, str(schedule.candidate))]
        people += [
            (assignment.membership_id, str(assignment.membership.user)) for assignment in interview.assignments.all()
        ]
        links = [
            {
                "who": name,
                "link": latest.get(key),
                "address": doors.address(latest[key]) if key in latest else "",
            }
            for key, name in people
        ]
        rows.append({"interview": interview, "links": links})
    return rows


@recruiter_view
@post_only(communications_of)
@once
def change_join_link(request: AccessRequest, pk: int, link: int, what: str) -> HttpResponse:
    """Revokes or renews one join link."""
    schedule = request.access.find(Schedule, pk, "candidate")
    row = request.access.find(JoinLink, link, "interview__schedule__candidate", "membership__user", "organization")
    if row.interview.schedule_id != schedule.pk:
        raise Http404
    if what == "revoke":
        doors.revoke(link=row, actor=request.user)
        notice = _("The join link is revoked.")
    else:
        doors.renew(link=row, actor=request.user)
        notice = _("There is a new join link. Send it with the next message.")
    if htmx.is_asked(request):
        response = render(request, "scheduling/join_links/_list.html", {"schedule": schedule, "rows": _rows(schedule)})
        return htmx.trigger(response, "joinLinksChanged")
    messages.success(request, notice)
    return redirect("schedule-communications", organization=request.access.organization.slug, pk=schedule.pk)
