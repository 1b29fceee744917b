"""The messages of a schedule: a section of the Communications tab, previews, and what can be done with each."""

from __future__ import annotations

from typing import Any

from csp.constants import NONE, SELF, UNSAFE_INLINE
from csp.decorators import csp
from django.http import Http404, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_GET, require_http_methods

from organizations import htmx
from organizations.access import AccessRequest, post_only, recruiter_view
from organizations.mail_server import can_leave
from organizations.parameters import row_id, row_ids
from scheduling.calendar_events.ics import Method, invitation
from scheduling.messages import repeats as message_repeats
from scheduling.messages import services as message_services
from scheduling.messages.calendar import from_json
from scheduling.messages.compose import Composed, board_of, compose, key_of, words_for
from scheduling.messages.forms import MessageForm
from scheduling.messages.placeholders import known
from scheduling.messages.rows import row_of, rows, state_words
from scheduling.messages.services import NotQueued
from scheduling.messages.snapshot import RELATED, loop_of
from scheduling.models import Message, MessageKind, MessageState, Schedule
from scheduling.views.frame import communications_of

NEWS = "messagesChanged"


@recruiter_view
@require_GET
def section(request: AccessRequest, pk: int) -> HttpResponse:
    """All people of the schedule with their messages. Without htmx it is the Communications tab that shows it."""
    schedule = request.access.find(Schedule, pk, *RELATED)
    if not htmx.is_asked(request):
        return redirect("schedule-communications", organization=request.access.organization.slug, pk=pk)
    return _section(request, schedule, unpicked=_unpicked(request.GET))


def _unpicked(sent: QueryDict) -> frozenset[int]:
    """Drafts whose box the reader had cleared: the page sends all it shows and those that are ticked."""
    return frozenset(row_ids(sent.getlist("shown"))) - set(_picks(sent.getlist("message")))


def _section(
    request: AccessRequest,
    schedule: Schedule,
    *,
    refusal: NotQueued | None = None,
    unpicked: frozenset[int] = frozenset(),
    notice: str = "",
) -> HttpResponse:
    listed = rows(board_of(loop_of(schedule)), request.user)
    context: dict[str, Any] = {
        "schedule": schedule,
        "rows": listed,
        "due": [row for row in listed if row.due is not None],
        "drafts": [row for row in listed if row.is_draft],
        "unpicked": unpicked,
        "picked": sum(row.sendable and int(row.key) not in unpicked for row in listed if row.is_draft),
        "warned": any(check for row in listed if row.sendable for check in row.checks),
        "refusal": refusal,
        "can_leave": can_leave(),
        "kept": sum(row.kept for row in listed),
    }
    response = render(request, "scheduling/messages/_section.html", context, status=422 if refusal else 200)
    return htmx.trigger(response, notice=notice) if notice else response


@recruiter_view
@require_GET
def row(request: AccessRequest, pk: int) -> HttpResponse:
    """One person's row again, while their message is on its way."""
    message = _find(request, pk)
    board = board_of(loop_of(message.schedule))
    context = {"row": row_of(board, key_of(message), request.user), "schedule": board.loop.schedule, "alone": True}
    return render(request, "scheduling/messages/_row.html", context)


@recruiter_view
@post_only(communications_of)
def prepare(request: AccessRequest, pk: int) -> HttpResponse:
    """Makes the drafts that are due. Sends nothing."""
    schedule = request.access.find(Schedule, pk, *RELATED)
    message_services.propose_updates(schedule=schedule, actor=request.user)
    return _section(request, schedule, unpicked=_unpicked(request.POST))


@recruiter_view
@post_only(communications_of)
def send(request: AccessRequest, pk: int) -> HttpResponse:
    """Queues the picked drafts as they were shown, all or none."""
    schedule = request.access.find(Schedule, pk, *RELATED)
    picks = _picks(request.POST.getlist("message"))
    unpicked = _unpicked(request.POST)
    try:
        queued = message_services.queue_messages(
            schedule=schedule, actor=request.user, picks=picks, overruled=request.POST.get("overrule") == "on"
        )
    except NotQueued as refusal:
        return _section(request, schedule, refusal=refusal, unpicked=unpicked)
    if not picks:
        return _section(request, schedule, unpicked=unpicked, notice=_("Nobody is picked, so nothing was sent."))
    if not queued:
        notice = _("They are on their way already: nothing was sent twice.")
        return _section(request, schedule, unpicked=unpicked, notice=notice)
    return _section(request, schedule, unpicked=unpicked, notice=_on_their_way(len(queued)))


def _on_their_way(count: int) -> str:
    if can_leave():
        return ngettext("Sending to %(count)d person.", "Sending to %(count)d people.", count) % {"count": count}
    return _("Not sent: there is no mail server. They are kept to be sent later.")


@recruiter_view
@post_only(communications_of)
def send_kept(request: AccessRequest, pk: int) -> HttpResponse:
    """Sends everything that stayed here because there was no mail server."""
    schedule = request.access.find(Schedule, pk, *RELATED)
    if not can_leave():
        return _section(request, schedule, unpicked=_unpicked(request.POST), notice=_on_their_way(0))
    after = message_repeats.send_all_that_had_no_server(schedule=schedule, actor=request.user)
    drafts = sum(state == MessageState.DRAFT for state in after)
    notice = _on_their_way(len(after) - drafts) if len(after) > drafts else _("Nothing was sent.")
    if drafts:
        sentence = ngettext(
            "%(count)d changed since and is a draft again. Review it, then send it.",
            "%(count)d changed since and are drafts again. Review them, then send them.",
            drafts,
        )
        notice = f"{notice} {sentence % {'count': drafts}}"
    return _section(request, schedule, unpicked=_unpicked(request.POST), notice=notice)


def _picks(values: list[str]) -> dict[int, str]:
    """`<id>:<digest>` of each ticked box."""
    parts = [value.partition(":") for value in values]
    return {pk: digest for number, _colon, digest in parts if (pk := row_id(number)) is not None}


# --- one message ---------------------------------------------------------------------------------------------------


def _find(request: AccessRequest, pk: int) -> Message:
    return request.access.find(
        Message, pk, *(f"schedule__{name}" for name in RELATED), "organization", "membership__user", "sent_by"
    )


def _composed(request: AccessRequest, message: Message) -> Composed | None:
    """What a draft would be now; None for a message whose content is fixed already."""
    if message.state != MessageState.DRAFT:
        return None
    board = board_of(loop_of(message.schedule))
    return compose(board=board, message=message, actor=request.user, now=timezone.now())


@recruiter_view
@require_GET
def preview(request: AccessRequest, pk: int) -> HttpResponse:
    """The whole message in the dialog, exactly as it will leave or has left."""
    message = _find(request, pk)
    content = _composed(request, message)
    parts = _parts(message, content)
    shown = {
        "to_name": content.recipient.name if content and content.recipient else message.to_name,
        "to_email": content.recipient.email if content and content.recipient else message.to_email,
        "sender": content.sender if content else message.sender,
        "subject": content.rendered.subject if content else message.subject,
        "text": content.rendered.text if content else message.text,
    }
    word, icon, tone = state_words(message)
    events = content.calendar if content else [*message.calendar, *(part["event"] for part in parts)]
    first = len(events) - len(parts)
    calendar = [
        {
            "event": from_json(event),
            "cancels": event["method"] == Method.CANCEL.value,
            "changes": _changes(message, content, number, event),
            "file": _file(event),
            # The first goes with the message itself.
            "mail": parts[number - first] if number >= first else None,
        }
        for number, event in enumerate(events)
    ]
    context = {
        "message": message,
        "shown": shown,
        "checks": content.checks if content else (),
        "calendar": calendar,
        "state": {"word": word, "icon": icon, "tone": tone},
    }
    return render(request, "scheduling/messages/preview.html", context)


def _parts(message: Message, content: Composed | None) -> list[dict[str, Any]]:
    """The further mails: what each says, and the event it brings."""
    if content is not None:
        drafted = zip(content.parts, content.calendar[1:], strict=True)
        return [
            {"subject": part.rendered.subject, "text": part.rendered.text, "event": event, "state": ""}
            for part, event in drafted
        ]
    return [
        {"subject": part.subject, "text": part.text, "event": event, "state": state_words(part)[0]}
        for part in message.parts.order_by("id")
        for event in part.calendar
    ]


def _changes(message: Message, content: Composed | None, number: int, event: dict[str, Any]) -> bool:
    """Whether the reader's calendar has the event already: SEQUENCE alone also rises for what never left."""
    if content is not None:
        return content.planned[number].is_known
    return event["sequence"] > 0 and MessageKind(message.kind).occasion != "invitation"


def _file(event: dict[str, Any]) -> str:
    """The invitation as it is sent; a draft to nobody has none yet."""
    try:
        return invitation(from_json(event), Method(event["method"])).decode()
    except ValueError:
        return ""


@xframe_options_sameorigin
@csp(
    {
        "default-src": [NONE],
        "style-src-attr": [UNSAFE_INLINE],
        "base-uri": [NONE],
        "form-action": [NONE],
        "frame-ancestors": [SELF],
        "sandbox": [],
    }
)
@recruiter_view
@require_GET
def html(request: AccessRequest, pk: int) -> HttpResponse:
    """The HTML part alone, for the preview's frame: it may style itself and do nothing else."""
    message = _find(request, pk)
    content = _composed(request, message)
    return HttpResponse(content.rendered.html if content else message.html)


@recruiter_view
@require_http_methods(["GET", "POST"])
def edit(request: AccessRequest, pk: int) -> HttpResponse:
    """A draft's own words, in the dialog. "Use the template again" takes them back."""
    message = _find(request, pk)
    if message.state != MessageState.DRAFT:
        raise Http404
    kind = MessageKind(message.kind)
    if request.method == "POST" and "reset" in request.POST:
        message_services.edit_draft(message=message, actor=request.user, subject="", body="")
        return _closed(_("The template's words are back."))
    words = words_for(board_of(loop_of(message.schedule)), message)
    form = MessageForm(
        request.POST if request.method == "POST" else None,
        kind=kind,
        initial={"subject": words.subject, "body": words.body},
    )
    if request.method == "POST" and form.is_valid():
        message_services.edit_draft(message=message, actor=request.user, **form.cleaned_data)
        return _closed(_("Saved. Nothing is sent yet."))
    context = {"message": message, "form": form, "placeholders": known(kind)}
    return render(request, "scheduling/messages/edit.html", context, status=422 if form.is_bound else 200)


def _closed(notice: str) -> HttpResponse:
    return htmx.trigger(htmx.no_content(), NEWS, notice=notice, close_dialog=True)


def _page_of(request: AccessRequest, pk: int) -> str:
    return communications_of(request, _find(request, pk).schedule_id)


@recruiter_view
@post_only(_page_of)
def discard(request: AccessRequest, pk: int) -> HttpResponse:
    message = _find(request, pk)
    done = message_services.discard_draft(message=message, actor=request.user)
    notice = _("The draft is gone.") if done else _("It is not a draft any more.")
    return _section(request, message.schedule, unpicked=_unpicked(request.POST), notice=notice)


@recruiter_view
@post_only(_page_of)
def again(request: AccessRequest, pk: int) -> HttpResponse:
    """Sends a message that failed, may not have arrived, or is asked for once more."""
    message = _find(request, pk)
    after = message_repeats.send_again(message=message, actor=request.user)
    if after == MessageState.QUEUED:
        notice = _("Sending it again.")
    elif after == MessageState.DRAFT:
        notice = _("Something changed since, so it is a draft again. Look at it, then send it.")
    else:
        notice = _("It was not sent again: it is not the newest, or not true any more.")
    return _section(request, message.schedule, unpicked=_unpicked(request.POST), notice=notice)


@recruiter_view
@post_only(_page_of)
def arrived(request: AccessRequest, pk: int) -> HttpResponse:
    """Somebody knows that it arrived."""
    message = _find(request, pk)
    message_repeats.mark_sent(message=message, actor=request.user)
    return _section(request, message.schedule, unpicked=_unpicked(request.POST))
