"""Coding links and join links in the Django admin, without the links themselves: one is all it takes to join."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.admin import ToolFilter
from integrations.registry import TOOLS
from integrations.trail_actions import tool_label
from organizations.admin_base import BigAdmin
from organizations.admin_related import Related, relate
from organizations.admin_site import Section
from scheduling import coding_links
from scheduling.admin import search
from scheduling.coding_links.history import link_story
from scheduling.coding_links.problems import problem_of, reason_of
from scheduling.models import CodingLink, JoinLink, LinkEvent, LinkRun, LinkRunItem, VendorEvent, VendorSnapshot


class LinkToolFilter(ToolFilter):
    column = "integration__kind"


@admin.register(CodingLink)
class CodingLinkAdmin(BigAdmin[CodingLink]):
    section = Section.LINKS
    list_display = ("candidate_name", "interview", "organization", "tool", "state", "problem", "changed_at")
    list_select_related = ("organization", "interview", "integration")
    list_filter = (LinkToolFilter, "state")
    finders = (search.coding_links,)
    search_help_text = search.BY_CANDIDATE_OR_EXTERNAL_ID
    actions = ("try_again",)
    row_actions = ("try_again",)
    fieldsets = (
        (
            None,
            {
                "fields": (
                    *("organization", "interview", "candidate_name", "candidate_email", "tool", "state", "problem"),
                    *("not_before", "ready_at", "started_at", "finished_at", "expires_at", "external_id"),
                )
            },
        ),
        (
            gettext_lazy("Diagnostics"),
            {
                "fields": (
                    *("integration", "requested_by", "by_default", "priority", "attempts", "next_attempt_at"),
                    *("cancel_asked", "edit_due", "template_name", "template_locked", "problem_code", "created_at"),
                    "changed_at",
                )
            },
        ),
    )

    @admin.display(description=gettext_lazy("coding tool"))
    def tool(self, row: CodingLink) -> str:
        return tool_label(row.integration.kind)

    @admin.display(description=gettext_lazy("problem"))
    def problem(self, row: CodingLink) -> str:
        return problem_of(row) if row.problem_code and row.integration.kind in TOOLS else row.problem_code

    @admin.action(description=gettext_lazy("Try link again"), permissions=["act"])
    def try_again(self, request: HttpRequest, queryset: QuerySet[CodingLink]) -> HttpResponse | None:
        actor = request.user

        def retry(link: CodingLink) -> tuple[bool, str]:
            named = {"candidate": link.candidate_name or link.candidate_email, "state": link.get_state_display()}
            if not link.integration.is_connected:
                tool = {"tool": tool_label(link.integration.kind)}
                return False, _("%(candidate)s: %(tool)s is not connected.") % (named | tool)
            if not actor.is_authenticated or not coding_links.retry_for_support(link=link, actor=actor):
                return False, _("%(candidate)s: nothing to try again. The link's state is “%(state)s”.") % named
            return True, _("%(candidate)s: trying again. Reload the page to see the result.") % named

        return self.act_on_each(request, queryset.select_related("integration", "interview__schedule"), retry)


@admin.register(LinkEvent)
class LinkEventAdmin(BigAdmin[LinkEvent]):
    list_display = ("at", "link", "interview", "story", "reason", "actor")
    list_select_related = ("link__integration", "link__interview", "actor")
    fields = ("at", "link", "interview", "story", "reason", "from_state", "to_state", "code", "params", "actor")

    @admin.display(description=gettext_lazy("interview"))
    def interview(self, row: LinkEvent) -> str:
        return str(row.link.interview or "")

    @admin.display(description=gettext_lazy("what happened"))
    def story(self, row: LinkEvent) -> str:
        return link_story(row).text if row.link.integration.kind in TOOLS else row.code

    @admin.display(description=gettext_lazy("reason"))
    def reason(self, row: LinkEvent) -> str:
        return reason_of(row) if row.link.integration.kind in TOOLS else ""


@admin.register(VendorSnapshot)
class VendorSnapshotAdmin(BigAdmin[VendorSnapshot]):
    """The vendor's interviews of a candidate before a link was created."""

    list_display = ("id", "integration", "candidate_key", "complete", "taken_at")
    list_select_related = ("integration",)
    fields = ("integration", "candidate_key", "external_ids", "complete", "taken_at")


@admin.register(VendorEvent)
class VendorEventAdmin(BigAdmin[VendorEvent]):
    """Webhook events, without their payload."""

    list_display = ("received_at", "integration", "event", "external_id", "trusted")
    list_select_related = ("integration",)
    fields = ("integration", "event", "external_id", "trusted", "triggered_at", "received_at")


@admin.register(JoinLink)
class JoinLinkAdmin(BigAdmin[JoinLink]):
    """Join links, without their tokens: a token is all it takes to join."""

    section = Section.LINKS
    list_display = ("id", "organization", "interview", "recipient", "uses", "last_used_at", "revoked_at")
    list_select_related = ("organization", "interview__schedule__candidate", "membership__user")
    finders = (search.join_links,)
    search_help_text = search.BY_CANDIDATE
    fields = ("organization", "interview", "recipient", "uses", "last_used_at", "revoked_at", "created_at")

    @admin.display(description=gettext_lazy("recipient"))
    def recipient(self, row: JoinLink) -> str:
        return str(row.membership.user if row.membership else row.interview.schedule.candidate)


@admin.register(LinkRun)
class LinkRunAdmin(BigAdmin[LinkRun]):
    list_display = ("created_at", "organization", "job", "state", "total", "started_by", "ended_at")
    list_select_related = ("organization", "job", "started_by")
    fields = (
        *("organization", "job", "state", "paused_because", "total", "started_by", "created_at", "ended_at"),
        *("due_at", "last_interview", "judged_until"),
    )


@admin.register(LinkRunItem)
class LinkRunItemAdmin(BigAdmin[LinkRunItem]):
    list_display = ("id", "run", "interview", "link", "skipped")
    list_select_related = ("run", "interview", "link")
    fields = ("run", "interview", "link", "skipped")


relate(CodingLink, Related(LinkEvent, "link", ("at", "story", "reason", "actor"), gettext_lazy("History"), most=60))
