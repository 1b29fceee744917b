"""The dialogs of jobs, and what follows them: a part or a page, as who asks can show it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect

from jobs.models import Job
from organizations import htmx
from organizations.access import AccessRequest


@dataclass(frozen=True)
class Question:
    """A form, or a "really?", in a dialog or on a page of its own.

    `target` is the part of the page that its answer replaces; empty where the answer leads to another page.
    `sentences` say what will happen. `extra` names and values are sent along.
    """

    title: str
    submit: str
    action: str
    back: str
    target: str = ""
    form: forms.BaseForm | None = None
    sentences: tuple[str, ...] = ()
    danger: bool = False
    extra: tuple[tuple[str, str], ...] = ()


def job_url(request: AccessRequest, job: Job) -> str:
    return request.access.url("job", pk=job.pk)


def ask(request: AccessRequest, question: Question) -> HttpResponse:
    return dialog(request, "jobs/question.html", {"question": question, "form": question.form})


def dialog(request: AccessRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The template's part `dialog`, put into the dialog; the whole page for a browser without scripts.

    422 in answer to a POST: what was sent could not be done, and the dialog says why.
    """
    status = 422 if request.method == "POST" else 200
    return htmx.render(
        request, template, context, part="dialog", status=status, target="#dialog-content", swap="innerHTML"
    )


def changed(
    request: AccessRequest, *, part: str, context: dict[str, Any], notice: str, job: Job, anchor: str
) -> HttpResponse:
    """After a change on a job's page: the part that changed and a notice, or a redirect to its place on the page."""
    if not htmx.is_asked(request):
        messages.success(request, notice)
        return redirect(f"{job_url(request, job)}#{anchor}")
    response = htmx.render(request, "jobs/job.html", {"job": job, **context}, part=part)
    return htmx.trigger(response, notice=notice, close_dialog=True)


def lead_on(request: AccessRequest, address: str, notice: str) -> HttpResponse:
    """After a change whose result is on another page, or on all of this one."""
    messages.success(request, notice)
    return htmx.redirect(request, address)
