"""The pages about interviews and keys."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from integrations.sandbox.directory import VendorError
from integrations.sandbox.gateway import Answer
from integrations.sandbox.html import (
    Html,
    badge,
    button,
    choice,
    facts,
    field,
    form,
    h,
    moment,
    page,
    redirect,
    table,
    ticks,
)
from integrations.sandbox.model import (
    DEFAULT_COMPANY,
    EVALUATIONS,
    LEVELS,
    PERMISSIONS,
    ApiKey,
    InterviewView,
    LiveInterview,
    Status,
)

if TYPE_CHECKING:
    from integrations.sandbox.sandbox import Sandbox

PER_PAGE = 50
ATTRIBUTE = "Problem solving"
EVALUATION_WORDS = {"strong_no": "Strong no", "no": "No", "yes": "Yes", "strong_yes": "Strong yes"}
Form = Mapping[str, list[str]]


def value(submitted: Form, name: str) -> str:
    """One field of a form, without the spaces around it."""
    return submitted.get(name, [""])[0].strip()


def state_badge(status: str, *, expired: bool = False) -> Html:
    """An interview's state for a person."""
    if status == Status.OVER and expired:
        return badge("!", "Expired", "bad")
    return {
        Status.PENDING: badge("○", "Not started", ""),
        Status.ACTIVE: badge("●", "In progress", "busy"),
        Status.OVER: badge("✓", "Over", "good"),
        Status.DELETED: badge("✕", "Deleted", "bad"),
    }[Status(status)]


# Overview


def overview(sandbox: Sandbox, page_number: int = 1) -> Answer:
    """Companies and interviews, the newest first."""
    interviews = sandbox.interviews(live_only=False)[::-1]
    pages = max(1, -(-len(interviews) // PER_PAGE))
    number = min(max(1, page_number), pages)
    shown = interviews[(number - 1) * PER_PAGE : number * PER_PAGE]
    links = [
        number > 1 and h("a", "Newer", href=f"/?page={number - 1}"),
        h("span", f"Page {number} of {pages}"),
        number < pages and h("a", "Older", href=f"/?page={number + 1}"),
    ]
    return page(
        "Live interviews",
        h("section", h("h2", "Companies"), companies(sandbox, interviews)),
        h(
            "section",
            h("h2", "Interviews"),
            table(
                "Interviews",
                ("Candidate", "Company", "State", "Made by", "Made", "Valid until"),
                [interview_row(each) for each in shown],
                empty="There is no interview yet. Make an API key and create one through the API.",
            ),
            pages > 1 and h("nav", *links, aria_label="Pages"),
        ),
        current="/",
    )


def companies(sandbox: Sandbox, interviews: list[InterviewView]) -> Html:
    """Each company with its numbers."""
    with sandbox.vendor.lock:
        known = list(sandbox.vendor.companies.values())
        keys = list(sandbox.vendor.keys.values())
    rows = [
        (
            company.name,
            sum(key.company_id == company.id and key.revoked_at is None for key in keys),
            len(sandbox.templates(company=company.name)),
            sum(each.company == company.name and each.live for each in interviews),
            sum(each.company == company.name for each in interviews),
        )
        for company in known
    ]
    columns = ("Company", "Keys", "Templates", "Live interviews", "All interviews")
    return table("Companies", columns, rows, empty="There is no company yet. Make an API key to add the first one.")


def interview_row(interview: InterviewView) -> tuple[object, ...]:
    """A line of the overview."""
    path = "/live/" + interview.id
    return (
        h("a", interview.candidate_name or interview.candidate_email or "No name", href=path),
        interview.company,
        state_badge(interview.status, expired=interview.expired),
        "API key" if interview.key_id else "Hand",
        moment(interview.created_at),
        moment(interview.expires_at),
    )


# One interview


def interview_page(sandbox: Sandbox, interview_id: str, *, problem: str = "", typed: Form | None = None) -> Answer:
    """What is behind a link."""
    sandbox.vendor.expire_due()
    interview = sandbox.vendor.live_interviews.get(interview_id)
    if interview is None:
        return not_found("This link leads to no interview. Ask whoever sent it for the current one.")
    title = f"Interview with {interview.candidate_name or interview.candidate_email or 'a candidate'}"
    if interview.status is Status.DELETED:
        sentence = "This interview was deleted. Ask whoever invited you for the current link."
        return page(title, h("section", h("p", state_badge("deleted")), h("p", sentence)), status=410)
    return page(
        title,
        h("section", h("p", state_badge(interview.status, expired=interview.expired)), course(sandbox, interview)),
        h(
            "div",
            h("section", h("h2", "Leave feedback"), feedback_form(interview, typed or {})),
            h("section", h("h2", "Feedback"), *feedback_list(interview)),
            class_="columns",
        ),
        problem=problem,
        status=400 if problem else 200,
    )


def course(sandbox: Sandbox, interview: LiveInterview) -> Html:
    """What the interview is, and the buttons that move it on."""
    path = f"/live/{interview.id}"
    template = sandbox.vendor.templates.get(interview.template_id or "")
    lines = [
        ("Company", sandbox.vendor.companies[interview.company_id].name),
        ("Template", (template.name if template else "None") + (" (locked)" if interview.lock_template else "")),
        ("Started", moment(interview.started_at)),
        ("Finished", moment(interview.finished_at)),
        ("Valid until", moment(interview.expires_at)),
    ]
    over = "This interview has expired." if interview.expired else "This interview is over."
    return h(
        "div",
        facts(lines),
        not interview.status.live and h("p", over),
        h(
            "div",
            interview.status is Status.PENDING and form(f"{path}/start", button("Start")),
            interview.status.live and form(f"{path}/finish", button("Finish interview", kind="quiet")),
            class_="row",
        ),
    )


def feedback_form(interview: LiveInterview, typed: Form) -> Html:
    """The form, with what was typed before."""
    scores = [("", "No score"), *((str(each), str(each)) for each in range(1, 5))]
    return form(
        f"/live/{interview.id}/feedback",
        field("Your name", "author", value(typed, "author") or "Sam Interviewer", required=True, maxlength=100),
        field("Notes", "notes", value(typed, "notes"), kind="textarea"),
        choice(
            "Evaluation",
            "evaluation",
            [("", "None yet"), *((each, EVALUATION_WORDS[each]) for each in EVALUATIONS)],
            value(typed, "evaluation"),
        ),
        choice(
            "Recommended level",
            "level",
            [("", "None yet"), *((each, each) for each in LEVELS)],
            value(typed, "level"),
        ),
        choice(f"{ATTRIBUTE} (1 to 4)", "score", scores, value(typed, "score")),
        button("Leave feedback"),
    )


def feedback_list(interview: LiveInterview) -> list[Html]:
    """What was left so far."""
    if not interview.feedback:
        return [h("p", "Nobody has left feedback yet.", class_="empty")]
    return [
        h(
            "article",
            h("h3", entry.author),
            entry.evaluation and h("p", "Evaluation: ", h("strong", EVALUATION_WORDS[entry.evaluation])),
            entry.recommended_level and h("p", "Recommended level: ", h("strong", entry.recommended_level)),
            *(h("p", f"{name}: ", h("strong", f"{score} of 4")) for name, score in entry.scores.items()),
            entry.notes and h("p", entry.notes),
        )
        for entry in interview.feedback
    ]


def act_on_interview(sandbox: Sandbox, interview_id: str, action: str, submitted: Form) -> Answer:
    """Start, finish or feedback. What cannot be done is said on the page, with what was typed."""
    try:
        if action == "start":
            sandbox.start_interview(interview_id)
        elif action == "finish":
            sandbox.finish(interview_id)
        else:
            leave_feedback(sandbox, interview_id, submitted)
    except VendorError as error:
        return interview_page(sandbox, interview_id, problem=str(error), typed=submitted)
    return redirect(f"/live/{interview_id}")


def leave_feedback(sandbox: Sandbox, interview_id: str, submitted: Form) -> None:
    """Reads the feedback form. Raises VendorError with what to change."""
    score, level = value(submitted, "score"), value(submitted, "level")
    if score and not (score.isascii() and score.isdigit()):
        raise VendorError("A score is a whole number from 1 to 4.")
    if level and level not in LEVELS:
        raise VendorError(f"Choose a level: {', '.join(LEVELS)}.")
    if not value(submitted, "author"):
        raise VendorError("Say who you are.")
    sandbox.leave_feedback(
        interview_id,
        author=value(submitted, "author")[:100],
        notes=value(submitted, "notes"),
        evaluation=value(submitted, "evaluation"),
        recommended_level=level,
        scores={ATTRIBUTE: int(score)} if score else {},
    )


# Keys


def keys_page(sandbox: Sandbox, *, made: str = "", problem: str = "", typed: Form | None = None) -> Answer:
    """The list of keys, the form for one more, and `made`, a key that is shown this once."""
    with sandbox.vendor.lock:
        keys = list(sandbox.vendor.keys.values())[::-1]
        names = [company.name for company in sandbox.vendor.companies.values()]
    return page(
        "API Keys",
        made and new_key(made),
        h("section", h("h2", "Add a key"), key_form(names, typed)),
        h(
            "section",
            h("h2", "Keys"),
            table(
                "Keys",
                ("Description", "Company", "Ends in", "Permissions", "Made", "State", "Action"),
                [key_row(sandbox, key) for key in keys],
                empty="There is no key yet.",
            ),
        ),
        current="/keys",
        problem=problem,
        status=400 if problem else 200,
    )


def new_key(key: str) -> Html:
    """The one time a key is shown."""
    return h(
        "section",
        h("p", "The key is made. Copy it now: it is not shown again.", class_="news", role="status"),
        field(
            "Your new API key", "new-key", key, readonly=True, autofocus=True, autocomplete="off", spellcheck="false"
        ),
    )


def key_form(companies: list[str], typed: Form | None) -> Html:
    """What a key needs."""
    submitted = typed or {}
    suggestions = h("datalist", *(h("option", value=name) for name in companies), id="companies")
    return form(
        "/keys",
        field(
            "Description", "description", value(submitted, "description"), required=True, maxlength=100,
            hint="What the key is for, such as the scheduler that will use it.",
        ),
        field(
            "Company", "company", value(submitted, "company") or (companies or [DEFAULT_COMPANY])[0],
            required=True, maxlength=100, list="companies", hint="A new name makes a new company with its templates.",
        ),
        suggestions,
        ticks("Permissions", "permissions", PERMISSIONS, submitted.get("permissions", []) if typed else []),
        button("Save"),
    )  # fmt: skip


def key_row(sandbox: Sandbox, key: ApiKey) -> tuple[object, ...]:
    """A line of the list."""
    working = key.revoked_at is None
    revoke = form(
        f"/keys/{key.id}/revoke", button("Revoke", kind="danger", label=f"Revoke the key ending in {key.last_four}")
    )
    return (
        key.description or "No description",
        sandbox.vendor.companies[key.company_id].name,
        h("code", key.last_four),
        ", ".join(key.permissions) or "None",
        moment(key.created_at),
        badge("✓", "Works", "good") if working else badge("✕", "Revoked", "bad"),
        revoke if working else "-",
    )


def make_key(sandbox: Sandbox, submitted: Form) -> tuple[str, Answer]:
    """The new key, or "" and the form again with what is wrong."""
    description, company = value(submitted, "description"), value(submitted, "company")
    if not description or not company:
        return "", keys_page(sandbox, problem="Give the key a description and a company.", typed=submitted)
    try:
        key = sandbox.make_key(
            company=company[:100], description=description[:100], permissions=submitted.get("permissions", [])
        )
    except VendorError as error:
        return "", keys_page(sandbox, problem=str(error), typed=submitted)
    return key, redirect("/keys")


def not_found(sentence: str = "There is no such page.") -> Answer:
    """A 404 for a person."""
    return page("Not found", h("section", h("p", sentence), h("a", "To the interviews", href="/")), status=404)
