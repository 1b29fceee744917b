"""The messages of a schedule: a section of the "Communications" tab, previews, and the actions on each message."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_http_methods

from organizations import htmx, limits
from organizations.access import AccessRequest, allowed, post_only
from organizations.mail_server import can_leave
from organizations.parameters import row_id, row_ids
from organizations.permissions import Permission
from scheduling.join_links.references import addresses_in
from scheduling.messages import discarded as discarded_drafts
from scheduling.messages import queueing
from scheduling.messages import repeats as message_repeats
from scheduling.messages import services as message_services
from scheduling.messages.compose import cc_of, text_for
from scheduling.messages.forms import MessageForm
from scheduling.messages.message_context import key_of, message_context_of
from scheduling.messages.placeholder_syntax import known
from scheduling.messages.preview import html_of, preview_of
from scheduling.messages.queueing import NotQueued
from scheduling.messages.rows import row_of, rows
from scheduling.messages.snapshot import RELATED, take_snapshot
from scheduling.models import Message, MessageKind, MessageState, Schedule
from scheduling.views.frame import communications_of
from scheduling.views.mail_documents import shows_mail

NEWS = "messagesChanged"


@allowed(Permission.SEE_SCHEDULES)
@require_GET
def section(request: AccessRequest, pk: int) -> HttpResponse:
    """Show all recipients of the schedule with their messages. Without htmx the "Communications" tab shows it."""
    schedule = request.access.find(Schedule, pk, *RELATED)
    if not htmx.is_asked(request):
        return redirect("schedule-communications", organization=request.access.organization.slug, pk=pk)
    return _section(request, schedule, request.GET)


def _section(
    request: AccessRequest,
    schedule: Schedule,
    sent: QueryDict,
    *,
    refusal: NotQueued | None = None,
    notice: str = "",
    discarded: str = "",
) -> HttpResponse:
    """Render the section; `sent` says which drafts the reader had deselected.

    `discarded` is the receipt of a draft that was just discarded: its notice offers to undo that.
    """
    context = _section_context(request, schedule, sent) | {"refusal": refusal, "discarded": discarded}
    response = render(request, "scheduling/messages/_section.html", context, status=422 if refusal else 200)
    address = request.access.url("message-restore", pk=schedule.pk)
    undo = htmx.Undo(address, kept_in="discarded-draft") if discarded else None
    return htmx.trigger(response, notice=notice, undo=undo) if notice else response


def _section_context(request: AccessRequest, schedule: Schedule, sent: QueryDict) -> dict[str, Any]:
    listed = rows(message_context_of(take_snapshot(schedule)), request.user)
    unpicked = _unpicked(sent)
    return {
        "schedule": schedule,
        "rows": listed,
        "due": [row for row in listed if row.due is not None],
        "drafts": [row for row in listed if row.is_draft],
        "unpicked": unpicked,
        "picked": sum(row.sendable and int(row.key) not in unpicked for row in listed if row.is_draft),
        "warned": any(check for row in listed if row.sendable for check in row.checks),
        "can_leave": can_leave(),
        "kept": sum(row.kept for row in listed),
        "in_calendar": any(row.is_in_calendar for row in listed),
    }


@allowed(Permission.CHANGE_SCHEDULES)
@require_http_methods(["GET", "POST"])
def dialog(request: AccessRequest, pk: int) -> HttpResponse:
    """Show the section as a dialog, for Home. POST first makes the drafts that are due. Sends nothing."""
    schedule = request.access.find(Schedule, pk, *RELATED)
    if request.method == "POST":
        message_services.propose_updates(schedule=schedule, actor=request.user)
    return render(request, "scheduling/messages/dialog.html", _section_context(request, schedule, request.POST))


def _unpicked(sent: QueryDict) -> frozenset[int]:
    """Return the drafts that were deselected: the page sends all that it shows, and those that are ticked."""
    return frozenset(row_ids(sent.getlist("shown"))) - set(picks_of(sent.getlist("message")))


def picks_of(values: list[str]) -> dict[int, str]:
    """Return the digests of ticked drafts by id, from values `<id>:<digest>`."""
    parts = [value.partition(":") for value in values]
    return {pk: digest for number, _colon, digest in parts if (pk := row_id(number)) is not None}


@allowed(Permission.SEE_SCHEDULES)
@require_GET
def row(request: AccessRequest, pk: int) -> HttpResponse:
    """Show one recipient's row again, while their message is being sent."""
    message = _find(request, pk)
    found = message_context_of(take_snapshot(message.schedule))
    context = {"row": row_of(found, key_of(message), request.user), "schedule": message.schedule, "alone": True}
    return render(request, "scheduling/messages/_row.html", context)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(communications_of)
def prepare(request: AccessRequest, pk: int) -> HttpResponse:
    """Make the drafts that are due. Sends nothing."""
    schedule = request.access.find(Schedule, pk, *RELATED)
    message_services.propose_updates(schedule=schedule, actor=request.user)
    return _section(request, schedule, request.POST)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(communications_of)
def send(request: AccessRequest, pk: int) -> HttpResponse:
    """Queue the picked drafts as they were shown, all or none."""
    schedule = request.access.find(Schedule, pk, *RELATED)
    picks = picks_of(request.POST.getlist("message"))
    try:
        queued = queueing.queue_messages(
            schedule=schedule, actor=request.user, picks=picks, overridden=request.POST.get("override") == "on"
        )
    except NotQueued as refusal:
        return _section(request, schedule, request.POST, refusal=refusal)
    if not picks:
        notice = _("Nothing was sent. Select at least one person.")
    elif not queued:
        notice = _("These messages are already queued. Nothing was sent twice.")
    else:
        notice = _sending(len(queued))
    return _section(request, schedule, request.POST, notice=notice)


def _sending(count: int) -> str:
    if can_leave():
        return ngettext("Sending to %(count)d person.", "Sending to %(count)d people.", count) % {"count": count}
    return _("Not sent: no mail server. You can send the messages once there is one.")


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(communications_of)
def send_kept(request: AccessRequest, pk: int) -> HttpResponse:
    """Send everything that was not sent because there was no mail server."""
    schedule = request.access.find(Schedule, pk, *RELATED)
    if not can_leave():
        return _section(request, schedule, request.POST, notice=_sending(0))
    try:
        after = message_repeats.send_all_that_had_no_server(schedule=schedule, actor=request.user)
    except limits.Reached as reached:
        return _section(request, schedule, request.POST, notice=reached.message)
    drafts = sum(state == MessageState.DRAFT for state in after)
    notice = _sending(len(after) - drafts) if len(after) > drafts else _("Nothing was sent.")
    if drafts:
        changed = ngettext(
            "%(count)d message has changed and is a draft again. Review and send it.",
            "%(count)d messages have changed and are drafts again. Review and send them.",
            drafts,
        )
        notice = f"{notice} {changed % {'count': drafts}}"
    return _section(request, schedule, request.POST, notice=notice)


# --- one message ---------------------------------------------------------------------------------------------------


def _find(request: AccessRequest, pk: int) -> Message:
    return request.access.find(
        Message, pk, *(f"schedule__{name}" for name in RELATED), "organization", "membership__user", "sent_by"
    )


def _list_of(request: AccessRequest, message: Message) -> str:
    """Return the dialog that a message was opened from, to go back there; empty on pages that show the list."""
    is_on_home = htmx.is_on(request, request.access.url("home"))
    return request.access.url("messages-dialog", pk=message.schedule_id) if is_on_home else ""


@allowed(Permission.OPEN_LINKS)
@require_GET
def preview(request: AccessRequest, pk: int) -> HttpResponse:
    """Show the whole message in the dialog, exactly as it will be or was sent."""
    message = _find(request, pk)
    context = {"message": message, "preview": preview_of(message, request.user), "back": _list_of(request, message)}
    return render(request, "scheduling/messages/preview.html", context)


@shows_mail
@allowed(Permission.OPEN_LINKS)
@require_GET
def html(request: AccessRequest, pk: int) -> HttpResponse:
    """Show the HTML part alone, for the preview's frame: it may style itself and do nothing else."""
    return HttpResponse(html_of(_find(request, pk), request.user))


@allowed(Permission.CHANGE_SCHEDULES)
@require_http_methods(["GET", "POST"])
def edit(request: AccessRequest, pk: int) -> HttpResponse:
    """Edit a draft's text in the dialog, or reset it to the template."""
    message = _find(request, pk)
    if message.state != MessageState.DRAFT:
        raise Http404
    if request.method == "POST" and "reset" in request.POST:
        message_services.edit_draft(message=message, actor=request.user, subject="", body="")
        return _closed(_("Draft reset to the template."))
    found = message_context_of(take_snapshot(message.schedule))
    text = text_for(found, message)
    kind = MessageKind(message.kind)
    sent = request.POST if request.method == "POST" else None
    cc = cc_of(found, message)
    body = addresses_in(message.schedule_id).put_in(text.body)
    form = MessageForm(sent, kind=kind, initial={"subject": text.subject, "body": body, "cc": ", ".join(cc)})
    if request.method == "POST" and form.is_valid():
        message_services.edit_draft(message=message, actor=request.user, **form.cleaned_data)
        return _closed(_("Draft saved. Nothing is sent yet."))
    context = {"message": message, "form": form, "placeholders": known(kind), "back": _list_of(request, message)}
    return render(request, "scheduling/messages/edit.html", context, status=422 if form.is_bound else 200)


def _closed(notice: str) -> HttpResponse:
    return htmx.trigger(htmx.no_content(), NEWS, notice=notice, close_dialog=True)


def _page_of(request: AccessRequest, pk: int) -> str:
    return communications_of(request, _find(request, pk).schedule_id)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_page_of)
def discard(request: AccessRequest, pk: int) -> HttpResponse:
    """Discard a draft. The notice offers to undo it."""
    message = _find(request, pk)
    receipt = discarded_drafts.receipt(message)
    done = message_services.discard_draft(message=message, actor=request.user)
    notice = _("Draft discarded.") if done else _("This is no longer a draft.")
    return _section(request, message.schedule, request.POST, notice=notice, discarded=receipt if done else "")


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(communications_of)
def restore(request: AccessRequest, pk: int) -> HttpResponse:
    """Bring a draft back that was just discarded. `state` is its receipt."""
    schedule = request.access.find(Schedule, pk, *RELATED)
    restored = discarded_drafts.restore(schedule=schedule, actor=request.user, signed=request.POST.get("state", ""))
    notice = _("Draft restored.") if restored else _("Not restored: this changed since.")
    return htmx.trigger(htmx.no_content(), NEWS, notice=notice)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_page_of)
def again(request: AccessRequest, pk: int) -> HttpResponse:
    """Send a message that failed or may not have arrived again, or a copy of one that was sent."""
    message = _find(request, pk)
    try:
        after = message_repeats.send_again(message=message, actor=request.user)
    except limits.Reached as reached:
        return _section(request, message.schedule, request.POST, notice=reached.message)
    if after == MessageState.QUEUED:
        notice = _("Sending it again.")
    elif after == MessageState.DRAFT:
        notice = _("The schedule has changed, so this is a draft again. Review and send it.")
    else:
        notice = _("Not sent again: a newer message exists, or the schedule has changed.")
    return _section(request, message.schedule, request.POST, notice=notice)


@allowed(Permission.CHANGE_SCHEDULES)
@post_only(_page_of)
def arrived(request: AccessRequest, pk: int) -> HttpResponse:
    """Mark a message that may have been sent as sent."""
    message = _find(request, pk)
    message_repeats.mark_sent(message=message, actor=request.user)
    return _section(request, message.schedule, request.POST)
