"""The text of a message: placeholders, times in the reader's zone, the same in text and HTML."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from scheduling.messages.default_texts import default_text
from scheduling.messages.placeholder_syntax import problems
from scheduling.messages.render import render
from scheduling.messages.render_context import RenderContext
from scheduling.messages.snapshot import Difference, InterviewSnapshot, Recipient, differences
from scheduling.models.messages import CUSTOMIZABLE, Audience, MessageKind

ANN = Recipient(Audience.CANDIDATE, None, "Ann <b>Müller</b>", "ann@example.com", "America/New_York")
ADA = Recipient(Audience.INTERVIEWER, 7, "Ada", "ada@acme.example", "Europe/Berlin")
LINK = "https://panelist.example/join/abc"


def interview(**changes: object) -> InterviewSnapshot:
    values: dict[str, object] = {
        "interview_id": 1,
        "name": "Coding",
        "kind": "video",
        "location": "https://meet.example/x?a=1&b=2",
        "starts_at": datetime(2026, 11, 23, 14, 0, tzinfo=UTC),
        "ends_at": datetime(2026, 11, 23, 15, 30, tzinfo=UTC),
        "people": ((7, "Ada"), (8, "Bob")),
        "join_link_id": 5,
    }
    return InterviewSnapshot(**(values | changes))  # type: ignore[arg-type]


CONTEXT = RenderContext(
    recipient=ANN,
    candidate="Ann <b>Müller</b>",
    candidate_email="ann@example.com",
    organization="Acme & Sons",
    sender="Rita",
    interviews=[interview()],
    join_links={1: LINK},
    tools={1: "CodeSignal"},
    job="Engineer",
    stage="Onsite",
    schedule_link="https://panelist.example/o/acme/schedules/1/",
)


def test_names_are_escaped_in_html_and_plain_in_text() -> None:
    rendered = render("For {candidate}", "Hello {recipient} of {organization}", CONTEXT)
    assert rendered.subject == "For Ann <b>Müller</b>"
    assert rendered.text == "Hello Ann <b>Müller</b> of Acme & Sons\n"
    assert "Hello Ann &lt;b&gt;Müller&lt;/b&gt; of Acme &amp; Sons" in rendered.html
    assert "<b>Müller" not in rendered.html


def test_the_candidate_reads_times_in_their_own_zone_and_which_address_to_use() -> None:
    text = render("x", "{interviews}", CONTEXT).text
    assert text == (
        "Times in New York, GMT-5\n\n"
        "Monday, 23 November 2026\n"
        "  09:00–10:30  Coding\n"
        "    With Ada and Bob\n"
        "    Video call: https://meet.example/x?a=1&b=2\n"
        f"    Coding: {LINK}\n"
        "    When the coding page asks for your e-mail address, use ann@example.com.\n"
    )


def test_an_interviewer_reads_own_times_and_to_sign_in_first() -> None:
    rendered = render("x", "{interviews}", replace(CONTEXT, recipient=ADA))
    assert rendered.text.startswith("Times in Berlin, GMT+1\n")
    assert "15:00–16:30  Coding" in rendered.text
    assert "With Ann <b>Müller</b> and Bob" in rendered.text
    assert "Sign in to CodeSignal as interviewer first, then open this link." in rendered.text
    assert "ann@example.com" not in rendered.text


def test_html_says_what_the_text_says() -> None:
    html = render("x", "Before\n{interviews}\nafter", CONTEXT).html
    for piece in (
        "Monday, 23 November 2026",
        "Times in New York, GMT-5",
        "09:00–10:30",
        "With Ada and Bob",
        f'href="{LINK}"',
    ):
        assert piece in html
    assert 'href="https://meet.example/x?a=1&amp;b=2"' in html
    assert html.index("Before") < html.index("Monday") < html.index("after")
    assert html.startswith("<!DOCTYPE html>")
    assert '<html lang="en" dir="ltr" ' in html
    assert "<script" not in html


def test_a_block_in_the_middle_of_a_sentence_stands_on_its_own_lines() -> None:
    text = render("x", "See {changes} please", replace(CONTEXT, changes=[Difference(None, interview())])).text
    assert text == "See\n- New: Coding, Monday, 23 November 2026, 09:00–10:30 GMT-5\n please\n"


def test_a_line_whose_placeholder_has_nothing_to_say_is_left_out() -> None:
    body = "A\n\nReason: {reason}\n\nB"
    assert render("x", body, CONTEXT).text == "A\n\nB\n"
    assert render("x", body, replace(CONTEXT, reason="Ill")).text == "A\n\nReason: Ill\n\nB\n"


def test_the_join_link_names_its_interview_and_is_silent_without_one() -> None:
    assert f"Coding: {LINK}\n" in render("x", "{join_link}", CONTEXT).text
    assert "join" not in render("x", "A\n{join_link}\nB", replace(CONTEXT, join_links={})).text


def test_a_subject_is_one_line_whatever_is_in_it() -> None:
    reading = replace(CONTEXT, candidate="Ann\r\nBcc: evil@example.com")
    assert render("For\n{candidate}", "x", reading).subject == "For Ann Bcc: evil@example.com"


def test_a_candidates_name_is_never_a_link_or_a_placeholder() -> None:
    reading = replace(CONTEXT, candidate="evil.example.com {sender}")
    rendered = render("x", "For {candidate}", reading)
    assert "For evil.example.com {sender}" in rendered.text
    assert "<a " not in rendered.html


def test_doubled_braces_are_braces() -> None:
    assert render("x", "{{sender}}", CONTEXT).text == "{sender}\n"


def test_an_event_across_midnight_and_across_a_clock_change_says_both() -> None:
    night = interview(
        starts_at=datetime(2026, 10, 25, 0, 30, tzinfo=ZoneInfo("Europe/Berlin")),
        ends_at=datetime(2026, 10, 25, 3, 30, tzinfo=ZoneInfo("Europe/Berlin")),
    )
    berlin = replace(CONTEXT, recipient=ADA, interviews=[night])
    text = render("x", "{interviews}", berlin).text
    assert "00:30 GMT+2 – 03:30 GMT+1" in text
    assert text.startswith("Times in Berlin\n")
    kathmandu = replace(
        CONTEXT,
        recipient=replace(ANN, zone="Asia/Kathmandu"),
        interviews=[interview(ends_at=interview().starts_at + timedelta(hours=6))],
    )
    text = render("x", "{interviews}", kathmandu).text
    assert text.startswith("Times in Kathmandu, GMT+5:45\n")
    assert "19:45 – Tuesday, 24 November 2026, 01:45  Coding" in text


@pytest.mark.parametrize("kind", CUSTOMIZABLE)
def test_the_default_texts_pass_their_own_rules(kind: MessageKind) -> None:
    text = default_text(kind)
    assert problems(text.subject, kind, subject=True) == []
    assert problems(text.body, kind) == []
    rendered = render(text.subject, text.body, replace(CONTEXT, recipient=ANN if kind.audience == "candidate" else ADA))
    assert "{" not in rendered.subject + rendered.text


# --- placeholders --------------------------------------------------------------------------------------------------


def test_an_unknown_placeholder_is_named_and_the_known_ones_listed() -> None:
    (sentence,) = problems("Hello {candidat}", MessageKind.CANDIDATE_INVITATION)
    assert "“{candidat}” is not a placeholder" in sentence
    assert "{candidate}, {job}" in sentence
    assert "{candidate_email}" not in sentence


@pytest.mark.parametrize(
    "text", ["{ candidate }", "{Candidate}", "{candidate", "candidate}", "{}", "{candidate.email}"]
)
def test_near_misses_are_errors_too(text: str) -> None:
    assert len(problems(text, MessageKind.CANDIDATE_INVITATION)) == 1


@pytest.mark.parametrize("name", ["candidate_email", "candidate_phone", "reason", "schedule_link"])
def test_what_is_for_interviewers_is_refused_in_a_candidates_text(name: str) -> None:
    (sentence,) = problems(f"x {{{name}}}", MessageKind.CANDIDATE_UPDATE)
    assert "for interviewers only" in sentence
    assert problems(f"x {{{name}}}", MessageKind.INTERVIEWER_UPDATE) == []


def test_changes_have_no_place_in_an_invitation_and_blocks_none_in_a_subject() -> None:
    assert "always empty in an invitation" in problems("{changes}", MessageKind.INTERVIEWER_INVITATION)[0]
    assert "too many for a subject" in problems("{interviews}", MessageKind.CANDIDATE_UPDATE, subject=True)[0]


# --- differences ---------------------------------------------------------------------------------------------------


def test_a_move_says_the_old_and_the_new_time_in_the_readers_zone() -> None:
    moved = interview(
        starts_at=interview().starts_at + timedelta(days=1), ends_at=interview().ends_at + timedelta(days=1)
    )
    text = render("x", "{changes}", replace(CONTEXT, changes=differences([interview()], [moved]))).text
    assert text == (
        "- Coding: Monday, 23 November 2026, 09:00–10:30 GMT-5 → Tuesday, 24 November 2026, 09:00–10:30 GMT-5\n"
    )


def test_each_thing_that_changed_is_said() -> None:
    now = interview(name="Live coding", location="", kind="phone", people=((7, "Ada"),), join_link_id=0)
    text = render("x", "{changes}", replace(CONTEXT, changes=differences([interview()], [now]))).text
    assert "Coding → Live coding" in text
    assert "Video call: https://meet.example/x?a=1&b=2 → Phone" in text
    assert "Ada and Bob → Ada" in text
    assert "with a coding link → without a coding link" in text


def test_added_and_removed_interviews_are_said_and_a_renamed_person_is_no_change() -> None:
    other = interview(interview_id=2, name="Design")
    text = render("x", "{changes}", replace(CONTEXT, changes=differences([interview()], [other]))).text
    assert "Cancelled: Coding, Monday" in text
    assert "New: Design, Monday" in text
    assert differences([interview()], [interview(people=((7, "Ada Lovelace"), (8, "Bob")))]) == []


@pytest.mark.parametrize("name", ["محمد علي", "דוד לוי", "Sam محمد", "أحمد (Sam)"])
def test_a_name_from_the_right_turns_nothing_round_in_a_subject(name: str) -> None:
    reading = replace(CONTEXT, candidate=name)
    shown = render("Interview with {candidate}, 3 December", "Hello {candidate}.", reading)
    assert shown.subject == f"Interview with \u2068{name}\u2069, 3 December"
    assert f"\u2068{name}\u2069." in shown.text


@pytest.mark.parametrize("name", ["Ada Osei", "Zoë Ångström", "渡辺 由紀", "Жанна", "Ελένη", "می", "12"])
def test_other_subjects_hold_no_invisible_signs(name: str) -> None:
    subject = render("Interview with {candidate}, 3 December", "Hello.", replace(CONTEXT, candidate=name)).subject
    assert ("\u2068" in subject) is (name == "می")
