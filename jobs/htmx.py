"""How the pages of jobs answer: as a dialog or a part to htmx, as a page or a redirect to a browser without scripts."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from jobs.models import Job
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
    return url(request, "job", pk=job.pk)


def url(request: AccessRequest, name: str, **kwargs: int) -> str:
    """The address of a member page in the reader's organization."""
    return reverse(name, kwargs={"organization": request.access.organization.slug, **kwargs})


def ask(request: AccessRequest, question: Question) -> HttpResponse:
    return dialog(request, "jobs/question.html", {"question": question, "form": question.form})


def dialog(request: AccessRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    """The template's part `dialog` for htmx, the whole page for others.

    422 in answer to a POST: what was sent could not be done, and the dialog says why.
    """
    status = 422 if request.method == "POST" else 200
    if not request.htmx:
        return render(request, template, context, status=status)
    response = render(request, f"{template}#dialog", context, status=status)
    response["HX-Retarget"] = "#dialog-content"
    response["HX-Reswap"] = "innerHTML"
    return response


def changed(
    request: AccessRequest, *, part: str, context: dict[str, Any], notice: str, job: Job, anchor: str
) -> HttpResponse:
    """After a change on a job's page: the part that changed and a notice, or a redirect to its place on the page."""
    if not request.htmx:
        messages.success(request, notice)
        return redirect(f"{job_url(request, job)}#{anchor}")
    response = render(request, f"jobs/job.html#{part}", {"job": job, **context})
    # The notice first: closing the dialog takes away the form that these events start from.
    response["HX-Trigger"] = json.dumps({"notice": notice, "closeDialog": True})
    return response


def lead_on(request: AccessRequest, address: str, notice: str) -> HttpResponse:
    """After a change whose result is on another page, or on all of this one."""
    messages.success(request, notice)
    if not request.htmx:
        return redirect(address)
    response = HttpResponse()
    response["HX-Redirect"] = address
    return response
