"""The list of integrations, and the page of one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from integrations.base import ToolInfo, Verdict
from integrations.connections import webhook_url
from integrations.error_texts import problem_of, sentence
from integrations.forms import IntegrationForm
from integrations.hooks.link_counts import link_counts
from integrations.hooks.planned_interviews import planned_interviews
from integrations.meeting_server_registry import MEETING_SERVERS
from integrations.meeting_servers import MeetingServerInfo
from integrations.models import Integration, MeetingServer
from integrations.registry import TOOLS, info_of
from integrations.views.calendar_cards import calendar_cards
from organizations.access import AccessRequest, allowed
from organizations.models import AuditEvent
from organizations.permissions import Permission
from organizations.trail import Trail

#: A check that has not ended by then is shown as late; the browser stops asking at the second.
LATE_AFTER = timedelta(seconds=20)
STOP_AFTER = timedelta(seconds=120)

TROUBLE = [
    "integration.paused",
    "integration.resumed",
    "integration.not_checked",
    "integration.disconnected",
    "integration.connected",
    "integration.key_replaced",
]


@dataclass(frozen=True, slots=True)
class Card:
    """One vendor on the list of integrations."""

    info: ToolInfo
    integration: Integration | None

    @property
    def is_connected(self) -> bool:
        return self.integration is not None and self.integration.is_connected

    @property
    def problem(self) -> str:
        return problem_of(self.integration) if self.integration is not None else ""

    @property
    def mark(self) -> str:
        """The template that draws the vendor's mark."""
        return f"integrations/{self.info.kind}/mark.html"


@dataclass(frozen=True, slots=True)
class ServerCard:
    """One kind of server for video calls on the list of integrations."""

    info: MeetingServerInfo
    server: MeetingServer | None


@allowed(Permission.SEE_SETTINGS)
@require_GET
def integrations(request: AccessRequest) -> HttpResponse:
    """Sections by kind, a card per vendor. Recruiters read, and are told who can connect."""
    rows = {row.kind: row for row in request.access.all(Integration).order_by("kind")}
    cards = [Card(entry.info, rows.get(kind)) for kind, entry in TOOLS.items()]
    sections: list[tuple[str | Promise, str | Promise, list[Card]]] = [
        (_("Coding Tools"), _("Create live coding links for your interviews."), cards)
    ]
    servers = {row.kind: row for row in request.access.all(MeetingServer).defer("secret").order_by("id")}
    context = {
        "sections": sections,
        "admins": request.access.admin_names,
        "calendars": calendar_cards(request.access),
        "meeting_servers": [ServerCard(entry.info, servers.get(kind)) for kind, entry in MEETING_SERVERS.items()],
    }
    return render(request, "integrations/integrations.html", context)


def find(request: AccessRequest, kind: str) -> Integration:
    """The organization's integration of this kind; a new one, not saved, where there is none. 404: no such kind."""
    if kind not in TOOLS:
        raise Http404
    found = request.access.all(Integration).select_related("connected_by").filter(kind=kind).first()
    return found or Integration(organization=request.access.organization, kind=kind)


def require(request: AccessRequest, kind: str) -> Integration:
    """The organization's integration of this kind, connected; 404 otherwise."""
    integration = find(request, kind)
    if not integration.is_connected:
        raise Http404
    return integration


@allowed(Permission.MANAGE_INTEGRATIONS)
@require_GET
def manage(request: AccessRequest, kind: str) -> HttpResponse:
    return page(request, find(request, kind))


def page_of(request: AccessRequest, kind: str) -> str:
    """The address of the page of one integration."""
    return request.access.url("settings-integration", kind=find(request, kind).kind)


def page(request: AccessRequest, integration: Integration, *, form: IntegrationForm | None = None) -> HttpResponse:
    """The page of one integration; with a form that came back, the page around it."""
    context = connection_context(integration) | {
        "form": form or IntegrationForm(integration=integration),
        "planned": planned_interviews(integration),
        "webhook_url": webhook_url(integration),
        "opens_advanced": _has_advice(integration),
        "trouble": trouble(request, integration),
        "steps": f"integrations/{integration.kind}/webhook_steps.html",
    }
    return render(request, "integrations/manage.html", context)


def _has_advice(integration: Integration) -> bool:
    """Whether the advanced settings say something that an admin should see unasked."""
    unreadable = not (integration.webhook_token and integration.webhook_secret)
    return bool(
        integration.throttled_at
        or integration.webhook_refused_at
        or (unreadable and info_of(integration.kind).has_webhooks)
        or Verdict.NO.value in integration.permissions.values()
    )


def connection_context(integration: Integration) -> dict[str, Any]:
    """The context of the connection's card. While a check runs, the card polls."""
    info = info_of(integration.kind)
    return {
        "stage": _stage(integration),
        "integration": integration,
        "problem": problem_of(integration),
        "check_problem": sentence(integration.kind, integration.check_problem_code, integration.check_problem_params),
        "info": info,
        "permissions": [
            {"permission": permission, "verdict": integration.permissions.get(permission.name, "unknown")}
            for permission in info.permissions
        ],
        "removing": link_counts(integration).removing if integration.forget_key_at else 0,
    }


def _stage(integration: Integration) -> str:
    """The stage of a check: empty when none runs, else "checking", "late", or "lost" once it is not waited for."""
    asked, tried = integration.check_asked_at, integration.check_tried_at
    if not integration.is_connected or asked is None or (tried is not None and tried >= asked):
        return ""
    waited = timezone.now() - asked
    if waited > STOP_AFTER:
        return "lost"
    return "late" if waited > LATE_AFTER else "checking"


def trouble(request: AccessRequest, integration: Integration) -> list[dict[str, object]]:
    """The ten newest events of its health: `what`, `who` and `at`."""
    if integration.pk is None:
        return []
    events = request.access.all(AuditEvent).filter(
        subject_type="integration", subject_id=integration.pk, action__in=TROUBLE
    )
    newest = list(events.order_by("-id")[:10])
    trail = Trail(newest)
    return [{"what": trail.sentence(event), "who": trail.actor(event), "at": event.created_at} for event in newest]
