"""The pages about interviews and keys."""

from __future__ import annotations

from integrations.sandbox.controls import Controls
from integrations.sandbox.directory import VendorError
from integrations.sandbox.gateway import Answer
from integrations.sandbox.model import (
    DEFAULT_COMPANY,
    EVALUATIONS,
    LEVELS,
    PERMISSIONS,
    ApiKey,
    Feedback,
    InterviewView,
    Status,
)
from integrations.sandbox.rendering import (
    Cells,
    Form,
    badge,
    message,
    moment,
    not_found,
    page,
    part,
    redirect,
    typed_values,
    value,
)

PER_PAGE = 50
ATTRIBUTE = "Problem solving"
EVALUATION_LABELS = {"strong_no": "Strong no", "no": "No", "yes": "Yes", "strong_yes": "Strong yes"}
STATES = {
    Status.PENDING: ("○", "Not started", ""),
    Status.ACTIVE: ("●", "In progress", "busy"),
    Status.OVER: ("✓", "Over", "good"),
    Status.DELETED: ("✕", "Deleted", "bad"),
}
COMPANY_COLUMNS = ("Company", "Keys", "Templates", "Live interviews", "All interviews")
INTERVIEW_COLUMNS = ("Candidate", "Company", "State", "Created by", "Created", "Valid until")
KEY_COLUMNS = ("Description", "Company", "Ends in", "Permissions", "Created", "State", "Action")


def state_badge(status: str, *, expired: bool = False) -> str:
    expired = expired and status == Status.OVER
    return badge("!", "Expired", "bad") if expired else badge(*STATES[Status(status)])


# Overview


def overview(controls: Controls, page_number: int = 1) -> Answer:
    """Companies and interviews, the newest first."""
    interviews = controls.interviews(live_only=False)[::-1]
    pages = max(1, -(-len(interviews) // PER_PAGE))
    number = min(max(1, page_number), pages)
    shown = interviews[(number - 1) * PER_PAGE : number * PER_PAGE]
    return page(
        "overview.html",
        "Live interviews",
        current="/",
        companies=company_rows(controls, interviews),
        company_columns=COMPANY_COLUMNS,
        interviews=[interview_row(each) for each in shown],
        interview_columns=INTERVIEW_COLUMNS,
        pages=pages,
        number=number,
        newer=number - 1,
        older=number + 1,
    )


def company_rows(controls: Controls, interviews: list[InterviewView]) -> list[Cells]:
    with controls.vendor.lock:
        known = list(controls.vendor.companies.values())
        keys = list(controls.vendor.keys.values())
    return [
        (
            company.name,
            sum(key.company_id == company.id and key.revoked_at is None for key in keys),
            len(controls.templates(company=company.name)),
            sum(each.company == company.name and each.live for each in interviews),
            sum(each.company == company.name for each in interviews),
        )
        for company in known
    ]


def interview_row(interview: InterviewView) -> Cells:
    name = interview.candidate_name or interview.candidate_email or "No name"
    return (
        part("link.html", address=f"/live/{interview.id}", words=name),
        interview.company,
        state_badge(interview.status, expired=interview.expired),
        "API key" if interview.key_id else "Hand",
        moment(interview.created_at),
        moment(interview.expires_at),
    )


# One interview


def interview_page(controls: Controls, interview_id: str, *, problem: str = "", typed: Form | None = None) -> Answer:
    """The page behind a link."""
    vendor = controls.vendor
    vendor.expire_due()
    interview = vendor.live_interviews.get(interview_id)
    if interview is None:
        return not_found("No interview at this link. Ask the sender for the current link.")
    title = f"Interview with {interview.candidate_name or interview.candidate_email or 'a candidate'}"
    if interview.status is Status.DELETED:
        text = "This interview was deleted. Ask whoever invited you for the current link."
        return message(title, text, 410, state_badge("deleted"))
    template = vendor.templates.get(interview.template_id or "")
    return page(
        "interview.html",
        title,
        problem=problem,
        interview=interview,
        path=f"/live/{interview.id}",
        badge=state_badge(interview.status, expired=interview.expired),
        details=[
            ("Company", vendor.companies[interview.company_id].name),
            ("Template", (template.name if template else "None") + (" (locked)" if interview.lock_template else "")),
            ("Started", moment(interview.started_at)),
            ("Finished", moment(interview.finished_at)),
            ("Valid until", moment(interview.expires_at)),
        ],
        typed=typed_values(typed),
        evaluations=[("", "None yet"), *((each, EVALUATION_LABELS[each]) for each in EVALUATIONS)],
        levels=[("", "None yet"), *((each, each) for each in LEVELS)],
        scores=[("", "No score"), *((str(each), str(each)) for each in range(1, 5))],
        feedback=[shown_feedback(entry) for entry in interview.feedback],
    )


def shown_feedback(entry: Feedback) -> dict[str, object]:
    details = [
        ("Evaluation", EVALUATION_LABELS.get(entry.evaluation, "")),
        ("Recommended level", entry.recommended_level),
        *((name, f"{score} of 4") for name, score in entry.scores.items()),
    ]
    return {
        "author": entry.author,
        "notes": entry.notes,
        "details": [one for one in details if one[1]],
    }


def act_on_interview(controls: Controls, interview_id: str, action: str, submitted: Form) -> Answer:
    """Start, finish or feedback. A problem is shown on the page, with what was typed."""
    try:
        if action == "start":
            controls.start_interview(interview_id)
        elif action == "finish":
            controls.finish(interview_id)
        else:
            leave_feedback(controls, interview_id, submitted)
    except VendorError as error:
        return interview_page(controls, interview_id, problem=str(error), typed=submitted)
    return redirect(f"/live/{interview_id}")


def leave_feedback(controls: Controls, interview_id: str, submitted: Form) -> None:
    """Read the feedback form. Raises VendorError with what to change."""
    score, level = value(submitted, "score"), value(submitted, "level")
    if score and not (score.isascii() and score.isdigit()):
        raise VendorError("A score is a whole number from 1 to 4.")
    if level and level not in LEVELS:
        raise VendorError(f"Choose a level: {', '.join(LEVELS)}.")
    if not value(submitted, "author"):
        raise VendorError("Enter your name.")
    controls.leave_feedback(
        interview_id,
        author=value(submitted, "author")[:100],
        notes=value(submitted, "notes"),
        evaluation=value(submitted, "evaluation"),
        recommended_level=level,
        scores={ATTRIBUTE: int(score)} if score else {},
    )


# Keys


def keys_page(controls: Controls, *, new_key: str = "", problem: str = "", typed: Form | None = None) -> Answer:
    """The keys, and the form for one more. `new_key` is shown this once."""
    with controls.vendor.lock:
        keys = list(controls.vendor.keys.values())[::-1]
        names = [company.name for company in controls.vendor.companies.values()]
    return page(
        "keys.html",
        "API Keys",
        problem=problem,
        current="/keys",
        new_key=new_key,
        typed=typed_values(typed),
        ticked=(typed or {}).get("permissions", []),
        company=(names or [DEFAULT_COMPANY])[0],
        companies=names,
        permissions=PERMISSIONS,
        keys=[key_row(controls, key) for key in keys],
        columns=KEY_COLUMNS,
    )


def key_row(controls: Controls, key: ApiKey) -> Cells:
    working = key.revoked_at is None
    return (
        key.description or "No description",
        controls.vendor.companies[key.company_id].name,
        part("code.html", words=key.last_four),
        ", ".join(key.permissions) or "None",
        moment(key.created_at),
        badge("✓", "Works", "good") if working else badge("✕", "Revoked", "bad"),
        part("revoke.html", key=key) if working else "-",
    )


def make_key(controls: Controls, submitted: Form) -> tuple[str, Answer]:
    """The new key, or "" and the form again with what is wrong."""
    description, company = value(submitted, "description"), value(submitted, "company")
    if not description or not company:
        return "", keys_page(controls, problem="Enter a description and a company.", typed=submitted)
    try:
        key = controls.make_key(
            company=company[:100], description=description[:100], permissions=submitted.get("permissions", [])
        )
    except VendorError as error:
        return "", keys_page(controls, problem=str(error), typed=submitted)
    return key, redirect("/keys")
