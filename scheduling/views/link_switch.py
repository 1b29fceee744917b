"""The switch "</>" of one interview on "Details": whether it gets a coding link, whatever its plan says."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpResponse
from django.utils.translation import gettext as _

from integrations.connections import connected_tool
from organizations import htmx, parameters
from organizations.access import AccessRequest, allowed
from organizations.bidi import isolated
from organizations.permissions import Permission
from scheduling.coding_links.rows import LinkRow, link_rows
from scheduling.models import Interview
from scheduling.schedules import interviews as interview_services
from scheduling.views.changing import answered, find_interview, next_step, why_closed
from scheduling.views.shown_rows import LinkSwitch, switch_of


@dataclass
class SwitchDialog:
    """The question before a switch: what becomes of a link that is there, `closed` where nothing can be changed."""

    request: AccessRequest
    interview: Interview
    link_row: LinkRow
    switch: LinkSwitch
    closed: str = ""

    @property
    def has_link(self) -> bool:
        return self.link_row.link is not None and self.link_row.link.is_live

    @property
    def can_remove(self) -> bool:
        """Whether its link can be removed: not while the interview is in progress."""
        return self.has_link and self.link_row.view.can_remove

    @property
    def asks(self) -> bool:
        """Whether switching it off leaves a choice."""
        return self.switch.is_on and self.has_link

    def answer(self, *, status: int = 200) -> HttpResponse:
        back = self.request.access.url("schedule", pk=self.interview.schedule_id)
        context: dict[str, Any] = {"dialog": self, "interview": self.interview, "switch": self.switch, "back": back}
        return htmx.render(
            self.request,
            "scheduling/schedules/interview_link.html",
            context,
            part="dialog",
            status=status,
            target="#dialog-content",
            swap="innerHTML",
        )


@allowed(Permission.CHANGE_SCHEDULES)
def interview_link(request: AccessRequest, pk: int) -> HttpResponse:
    """Switch the coding link of one interview on or off: `switch` says which, `link` what becomes of one that is there.

    A page that shows the switch as it was before somebody else pressed it changes nothing.
    """
    interview = find_interview(request.access, pk)
    [link_row] = link_rows([interview], request.access)
    dialog = SwitchDialog(request, interview, link_row, switch_of(request.access, interview), why_closed(interview))
    if request.method != "POST":
        return dialog.answer()
    wanted = parameters.choice(request.POST.get("switch"), {"on", "off"})
    decided = parameters.choice(request.POST.get("link"), {"keep", "remove"})
    if dialog.closed:
        return answered(request, interview.schedule_id, dialog.closed)
    if not wanted or (wanted == "off" and dialog.asks and not decided):
        return dialog.answer(status=422)
    if (wanted == "on") == dialog.switch.is_on:
        return answered(request, interview.schedule_id, _("Nothing changed."))
    removes = decided == "remove" and dialog.can_remove
    saved = interview_services.switch_link(
        interview=interview,
        tool=dialog.switch.kind if wanted == "on" else "",
        actor=request.user,
        removes_link=removes,
    )
    then = next_step(request.access, saved)
    return answered(request, interview.schedule_id, _message(dialog, wanted, removes=removes), then=then)


def _message(dialog: SwitchDialog, wanted: str, *, removes: bool) -> str:
    values = {"interview": isolated(dialog.interview.name), "tool": dialog.switch.tool}
    if wanted == "on" and connected_tool(dialog.request.access, dialog.switch.kind) is None:
        return _("Switched on for “%(interview)s”. %(tool)s is not connected, so no link is generated yet.") % values
    if wanted == "on":
        return _("“%(interview)s” gets a %(tool)s link.") % values
    if removes:
        return _("Switched off for “%(interview)s”. Its %(tool)s link is being removed.") % values
    if dialog.has_link:
        return _("Switched off for “%(interview)s”. Its %(tool)s link stays.") % values
    return _("“%(interview)s” gets no coding link.") % values
