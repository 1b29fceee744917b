"""The pages about interviews and keys, and what their forms do.

A page shows `form` as it was typed when there is a `problem` with it. An action raises VendorError or ValueError with
the problem.
"""

from __future__ import annotations

from integrations.sandbox.controls import Controls
from integrations.sandbox.directory import VendorError
from integrations.sandbox.gateway import Answer
from integrations.sandbox.model import EVALUATIONS, LEVELS, PERMISSIONS, Status
from integrations.sandbox.rendering import Form, message, moment, page, redirect

PER_PAGE = 50
ATTRIBUTE = "Problem solving"


def overview(controls: Controls, form: Form, problem: str) -> Answer:
    """All interviews, the newest first."""
    from django.core.paginator import Paginator

    interviews = Paginator(controls.interviews(live_only=False)[::-1], PER_PAGE).get_page(form["page"])
    return page("overview.html", "Interviews", problem, interviews=interviews)


def short_link(controls: Controls, short: str, *_: object) -> Answer:
    """The way from a short link to the interview's page."""
    interview = controls.vendor.by_id(controls.vendor.by_short.get(short, ""))
    return redirect(f"/live/{interview.id}")


def interview_page(controls: Controls, interview_id: str, form: Form, problem: str) -> Answer:
    """The page behind a link."""
    interview = controls.vendor.by_id(interview_id)
    title = f"Interview with {interview.candidate_name or interview.candidate_email or 'a candidate'}"
    if interview.status is Status.DELETED:
        text = "This interview was deleted. Ask whoever invited you for the current link."
        return message(title, text, 410)
    template = controls.vendor.templates.get(interview.template_id or "")
    return page(
        "interview.html",
        title,
        problem,
        interview=interview,
        details={
            "Company": controls.vendor.companies[interview.company_id].name,
            "Template": (template.name if template else "None") + (" (locked)" if interview.lock_template else ""),
            "Started": moment(interview.started_at),
            "Finished": moment(interview.finished_at),
            "Valid until": moment(interview.expires_at),
        },
        typed=form,
        evaluations=EVALUATIONS,
        levels=LEVELS,
        scores="1234",
    )


def leave_feedback(controls: Controls, interview_id: str, form: Form) -> None:
    """Set one interviewer's feedback."""
    if form["level"] not in ("", *LEVELS):
        raise VendorError(f"Choose a level: {', '.join(LEVELS)}.")
    if not form["author"]:
        raise VendorError("Enter your name.")
    controls.leave_feedback(
        interview_id,
        author=form["author"][:100],
        notes=form["notes"],
        evaluation=form["evaluation"],
        recommended_level=form["level"],
        scores={ATTRIBUTE: int(form["score"])} if form["score"] else {},
    )


def keys_page(controls: Controls, form: Form, problem: str, new_key: str = "") -> Answer:
    """The keys, and the form for one more. `new_key` is shown this once."""
    with controls.vendor.lock:
        keys = list(controls.vendor.keys.values())[::-1]
        companies = {company.id: company.name for company in controls.vendor.companies.values()}
    return page(
        "keys.html",
        "API Keys",
        problem,
        new_key=new_key,
        typed=form,
        ticked=form["permissions"].split(),
        permissions=PERMISSIONS,
        keys=[{"key": key, "company": companies[key.company_id]} for key in keys],
    )


def make_key(controls: Controls, form: Form) -> Answer:
    """Make a key and answer with it at once, since it is kept nowhere."""
    description, company = form["description"][:100], form["company"][:100]
    if not description or not company:
        raise VendorError("Enter a description and a company.")
    key = controls.make_key(description=description, company=company, permissions=form["permissions"].split())
    return keys_page(controls, Form(), "", key)
