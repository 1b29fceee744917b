"""Dialogs of jobs and the answers to them: parts for htmx, pages and redirects without scripts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from jobs.models import Job
from organizations import htmx
from organizations.access import AccessRequest


@dataclass(frozen=True)
class Question:
    """A form or a confirmation, in a dialog or, without scripts, on a page.

    `target` is the part of the page that the answer replaces, "" where the answer leads to another page. `consequences`
    tell what will happen. `extra` are hidden fields, by name and value.
    """

    title: str
    submit: str
    action: str
    back: str
    target: str = ""
    form: forms.BaseForm | None = None
    consequences: tuple[str, ...] = ()
    danger: bool = False
    extra: tuple[tuple[str, str], ...] = ()


def job_url(request: AccessRequest, job: Job) -> str:
    return request.access.url("job", pk=job.pk)


def ask(request: AccessRequest, question: Question) -> HttpResponse:
    return dialog(request, "jobs/question.html", {"question": question, "form": question.form})


def dialog(request: AccessRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """Render the template's part `dialog` for htmx, the whole page without scripts.

    The status is 422 after a POST: the dialog says why nothing was done.
    """
    status = 422 if request.method == "POST" else 200
    return htmx.render(
        request, template, context, part="dialog", status=status, target="#dialog-content", swap="innerHTML"
    )


def changed(
    request: AccessRequest,
    *,
    part: str,
    context: dict[str, Any],
    notice: str,
    anchor: str,
    status: int = 200,
    undo: htmx.Undo | None = None,
) -> HttpResponse:
    """Answer a change on the page of the context's `job`: the changed part and a notice, which may offer to `undo` it.

    Without scripts it is a redirect to `anchor`. A `status` of 422 says that nothing was changed.
    """
    if not htmx.is_asked(request):
        if notice:
            messages.add_message(request, messages.SUCCESS if status == 200 else messages.WARNING, notice)
        return redirect(f"{job_url(request, context['job'])}#{anchor}")
    response = htmx.render(request, "jobs/job.html", context, part=part, status=status)
    return htmx.trigger(response, notice=notice, undo=undo, close_dialog=True)


def undo_of(request: AccessRequest, job: Job) -> htmx.Undo:
    """The button of a notice that brings back what the answer has in its context as `removed`."""
    return htmx.Undo(request.access.url("plan-restore", pk=job.pk), kept_in="removed-from-plan")


def order_changed() -> str:
    return _("This changed since you opened it. Nothing was moved. Try again.")


def copy_name(name: str, most: int) -> str:
    """The name that a copy has until it is given another one, of at most as many characters."""
    copy = _("%(name)s (copy)")
    return copy % {"name": name[: most - len(copy % {"name": ""})]}


def lead_on(request: AccessRequest, address: str, notice: str) -> HttpResponse:
    """Answer a change whose result is another page, or the whole one, with a notice on it."""
    messages.success(request, notice)
    return htmx.redirect(request, address)
