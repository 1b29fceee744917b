"""Home, the page after signing in."""

from __future__ import annotations

from django.http import HttpResponse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.http import require_GET

from organizations import htmx, zones
from organizations.access import AccessRequest, allowed
from organizations.parameters import choice
from organizations.permissions import Permission
from scheduling.home import whole_organization
from scheduling.home.agenda import agenda
from scheduling.home.attention import attention
from scheduling.home.first_run import first_run
from scheduling.home.own_calendars import calendar_items
from scheduling.home.upcoming import read


@allowed(Permission.OWN_INTERVIEWS)
@require_GET
def home(request: AccessRequest) -> HttpResponse:
    """Show the agenda of today and the next days, and what needs attention; interviewers see only their own.

    A new organization finds the checklist of the first steps above it.

    `?attention=all` shows everything that needs attention, not only the first schedules; `?days=all` the later days of
    a busy organization; `?show=mine` only the interviews in which the reader interviews. Asked by htmx, it answers with
    what changes while the page is open.
    """
    access, now = request.access, timezone.now()
    mine = choice(request.GET.get("show"), {"mine"})
    all_days = choice(request.GET.get("days"), {"all"})
    show_all = choice(request.GET.get("attention"), {"all"})
    # Before all else: the names of those whom to ask come with it.
    whole = whole_organization.read(access, now)
    upcoming = read(access, now) if access.may.see_schedules else None
    checklist = first_run(access, upcoming)
    is_new = checklist is not None and not checklist.is_done
    shown = agenda(access, now=now, only_mine=bool(mine), show_all=bool(all_days))
    chosen = {"show": mine, "days": all_days, "attention": show_all}
    context = {
        "now": now,
        "zone_name": timezone.get_current_timezone_name(),
        "zone": zones.label(timezone.get_current_timezone_name()),
        "first_run": checklist if is_new else None,
        "attention": upcoming
        and attention(
            access,
            upcoming,
            whole,
            show_all=bool(show_all),
            with_next_step=not is_new,
        ),
        # Those who see schedules have them in their list.
        "calendars": [] if upcoming else calendar_items(access, whole),
        "days": shown.days,
        "more": shown.more,
        "mine": mine,
        "query": urlencode({name: value for name, value in chosen.items() if value}),
    }
    return htmx.render(request, "scheduling/home/home.html", context, part="live")
