"""Turns words with placeholders into what is sent: a subject, a text and its HTML. The preview shows the same.

Rendering is a function of a `Reading` and nothing else: no clock, no database, no request.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from organizations.bidi import isolated
from organizations.text import for_header
from scheduling.join_links.services import address
from scheduling.messages import formatting as message_formatting
from scheduling.messages.hyperlinks import linked
from scheduling.messages.placeholders import PLACEHOLDERS, tokens
from scheduling.messages.snapshot import Difference, Fact, Loop, Recipient
from scheduling.models.messages import Audience

# Of a subject whose placeholders are filled in; what a message can keep.
LONGEST_SUBJECT = 500
# Interviewers get in otherwise than candidates, who must never read this: `checks` looks for these very words.
INTERVIEWERS_HINT = gettext_lazy("Sign in at CodeSignal as interviewer first, then open this link.")


@dataclass(frozen=True, slots=True)
class Reading:
    """Everything a text can say to one reader. Empty strings: there is nothing to say."""

    recipient: Recipient
    candidate: str
    candidate_email: str
    organization: str
    sender: str
    facts: Sequence[Fact]
    changes: Sequence[Difference] = ()
    join_links: Mapping[int, str] = field(default_factory=dict)
    job: str = ""
    stage: str = ""
    reason: str = ""
    candidate_phone: str = ""
    schedule_link: str = ""


@dataclass(frozen=True, slots=True)
class Rendered:
    """What is sent. `html` is a whole document whose styles stand in attributes, as mail programs want them."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True, slots=True)
class Entry:
    """One interview as the reader sees it; `hint` says how to get in behind `join_link`."""

    clock: str
    name: str
    people: str
    meeting: str
    join_link: str
    hint: str

    @property
    def meeting_html(self) -> SafeString:
        return linked(self.meeting)


@dataclass(frozen=True, slots=True)
class Day:
    title: str
    entries: tuple[Entry, ...]


def render(subject: str, body: str, reading: Reading) -> Rendered:
    """Fills the placeholders in. The words must have passed `placeholders.problems`; what did not is shown as it is."""
    lines = _without_silent_lines(body.replace("\r\n", "\n"), reading)
    filled_subject = for_header(_inline(subject, reading))
    if len(filled_subject) > LONGEST_SUBJECT:
        filled_subject = filled_subject[: LONGEST_SUBJECT - 1] + "…"
    return Rendered(filled_subject, _text(lines, reading), _html(filled_subject, lines, reading))


def links_for(loop: Loop, recipient: Recipient, facts: Sequence[Fact]) -> dict[int, str]:
    """The address through which this reader gets into each interview that has a coding link, by interview id."""
    return {
        fact.interview: address(loop.doors[fact.interview, recipient.membership_id])
        for fact in facts
        if (fact.interview, recipient.membership_id) in loop.doors
    }


def days(reading: Reading) -> list[Day]:
    """The reader's interviews in order, by day in the reader's zone."""
    zone = message_formatting.zone_of(reading.recipient.zone)
    found: dict[str, list[Entry]] = {}
    for fact in reading.facts:
        title = message_formatting.day(fact.starts_at.astimezone(zone))
        found.setdefault(title, []).append(_entry(fact, reading))
    return [Day(title, tuple(entries)) for title, entries in found.items()]


def change_lines(reading: Reading) -> list[str]:
    zone = message_formatting.zone_of(reading.recipient.zone)
    return [line for change in reading.changes for line in message_formatting.difference(change, zone)]


def entry_lines(entry: Entry) -> list[str]:
    """What stands under an interview's time and name."""
    lines = [_("With %(people)s") % {"people": entry.people} if entry.people else "", entry.meeting]
    if entry.join_link:
        lines += [_("Coding: %(link)s") % {"link": entry.join_link}, entry.hint]
    return [line for line in lines if line]


def _entry(fact: Fact, reading: Reading) -> Entry:
    zone = message_formatting.zone_of(reading.recipient.zone)
    own = reading.recipient.membership_id
    others = [name for person, name in fact.people if person != own]
    link = reading.join_links.get(fact.interview, "")
    if reading.recipient.audience == Audience.INTERVIEWER:
        others = [reading.candidate, *others]
    return Entry(
        message_formatting.clock(fact, zone),
        fact.name,
        message_formatting.people(others),
        message_formatting.meeting(fact),
        link,
        _hint(reading, link),
    )


def _hint(reading: Reading, link: str) -> str:
    if not link:
        return ""
    if reading.recipient.audience == Audience.INTERVIEWER:
        return str(INTERVIEWERS_HINT)
    if not reading.candidate_email:
        return ""
    return _("When the coding page asks for your e-mail address, use %(email)s.") % {"email": reading.candidate_email}


# --- values of placeholders ----------------------------------------------------------------------------------------


def _value(name: str, reading: Reading) -> str:
    """A placeholder's value as plain text; several lines where it is a block."""
    return _VALUES[name](reading)


def _all_people(reading: Reading) -> str:
    return message_formatting.people(list(dict.fromkeys(name for fact in reading.facts for name in fact.names)))


def _interviews(reading: Reading) -> str:
    blocks = [_("All times are in the time zone %(zone)s.") % {"zone": reading.recipient.zone}] if reading.facts else []
    for day in days(reading):
        lines = [day.title]
        for entry in day.entries:
            lines += [f"  {entry.clock}  {entry.name}", *(f"    {line}" for line in entry_lines(entry))]
        blocks.append("\n".join(lines))
    return "\n\n".join(blocks)


def _joins(reading: Reading) -> list[tuple[str, str, str]]:
    """Interview, link and hint, where there is a link."""
    return [
        (fact.name, reading.join_links[fact.interview], _hint(reading, reading.join_links[fact.interview]))
        for fact in reading.facts
        if reading.join_links.get(fact.interview)
    ]


def _join_text(reading: Reading) -> str:
    return "\n".join(f"{name}: {link}\n{hint}".strip() for name, link, hint in _joins(reading))


def _dates(reading: Reading) -> str:
    return message_formatting.dates(reading.facts, message_formatting.zone_of(reading.recipient.zone))


def _name(text: str) -> str:
    """Typed by people: set apart where it reads from the other side; nothing stays nothing."""
    return isolated(text) if text else ""


_VALUES: dict[str, Callable[[Reading], str]] = {
    "recipient": lambda reading: _name(reading.recipient.name),
    "candidate": lambda reading: _name(reading.candidate),
    "candidate_email": lambda reading: reading.candidate_email,
    "candidate_phone": lambda reading: reading.candidate_phone,
    "job": lambda reading: _name(reading.job) or _("the position"),
    "stage": lambda reading: _name(reading.stage) or _("interviews"),
    "organization": lambda reading: _name(reading.organization),
    "sender": lambda reading: _name(reading.sender),
    "reason": lambda reading: reading.reason,
    "schedule_link": lambda reading: reading.schedule_link,
    "dates": _dates,
    "interviewers": _all_people,
    "interviews": _interviews,
    "join_link": _join_text,
    "changes": lambda reading: "\n".join(f"- {line}" for line in change_lines(reading)),
}


def _html_block(name: str, reading: Reading) -> str:
    context = {
        "days": days(reading),
        "zone": reading.recipient.zone,
        "changes": change_lines(reading),
        "joins": _joins(reading),
    }
    return render_to_string(f"emails/{name}.html", context)


# --- text and HTML -------------------------------------------------------------------------------------------------


def _without_silent_lines(body: str, reading: Reading) -> str:
    """Drops lines like `Reason: {reason}` whose only placeholder, at their end, has nothing to say."""
    kept = []
    for line in body.split("\n"):
        slots = [value for sort, value in tokens(line) if sort == "slot"]
        silent = bool(slots) and not any(_value(name, reading) for name in slots)
        if not (silent and re.fullmatch(r"[^{}]{0,40}\{[a-z_]+\}[\s.]*", line)):
            kept.append(line)
    return re.sub(r"\n{3,}", "\n\n", "\n".join(kept)).strip()


def _inline(text: str, reading: Reading) -> str:
    return "".join(_value(value, reading) if sort == "slot" else value for sort, value in tokens(text))


def _pieces(body: str, reading: Reading) -> Iterable[tuple[str, str, str]]:
    """(sort, plain, html) with blocks apart from running text."""
    for sort, value in tokens(body):
        if sort == "slot" and PLACEHOLDERS[value].block:
            yield "block", _value(value, reading), _html_block(value, reading) if _value(value, reading) else ""
        elif sort == "slot":
            filled = _value(value, reading)
            yield "text", filled, linked(filled) if value == "schedule_link" else escape(filled)
        else:
            yield "text", value, linked(value)


def _text(body: str, reading: Reading) -> str:
    text = ""
    after_block = False
    for sort, plain, _markup in _pieces(body, reading):
        block = sort == "block"
        # A block stands on lines of its own, wherever in a sentence it was written.
        if (block or after_block) and text and not text.endswith("\n") and not plain.startswith("\n"):
            text += "\n"
        text += plain
        after_block = block
    lines = [line.rstrip() for line in text.split("\n")]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)).strip() + "\n"


def _html(subject: str, body: str, reading: Reading) -> str:
    parts: list[str] = []
    running = ""
    for sort, _plain, markup in [*_pieces(body, reading), ("block", "", "")]:
        if sort == "text":
            running += markup
            continue
        parts += [_paragraph(piece) for piece in re.split(r"\n\s*\n", running) if piece.strip()]
        parts.append(markup)
        running = ""
    context = {
        "subject": subject,
        "organization": reading.organization,
        # Every piece was escaped where it was made.
        "content": mark_safe("\n".join(part for part in parts if part)),  # noqa: S308
    }
    return render_to_string("emails/message.html", context).strip() + "\n"


def _paragraph(markup: str) -> str:
    lines = "<br>\n".join(line.strip() for line in markup.strip().split("\n"))
    return f'<p style="margin:0 0 16px">{lines}</p>'
