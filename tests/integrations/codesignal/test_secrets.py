"""The key and a candidate's data stay out of exceptions, tracebacks with locals, logs, reprs and pickles."""

from __future__ import annotations

import logging
import pickle
import traceback

import pytest
import requests
import responses

from integrations.base import ToolError
from integrations.codesignal.client import ApiKey
from tests.integrations.codesignal.test_answers import SHAPES
from tests.integrations.codesignal.vendor_answers import (
    EMAIL,
    KEY,
    METHODS,
    MUTATIONS,
    NAME,
    REQUEST,
    URL,
    body,
    interview,
    problem,
    said,
    tool,
)

ECHO = problem(f"Invalid value {NAME} <{EMAIL}> for key {KEY}", data=None)

ANSWERS = {name: answer for name, (answer, _) in SHAPES.items()} | {
    "an error that quotes everything": {"body": ECHO},
    "a refusal that quotes everything": {"status": 400, "body": ECHO},
    "a rejection that quotes everything": {"status": 401, "body": ECHO},
    "a link without an address": {"body": body(createLiveInterview=interview(url=""))},
    "a dropped connection": {"body": requests.ConnectionError(f"{KEY} {EMAIL}")},
    "silence": {"body": requests.ReadTimeout(f"{KEY} {EMAIL}")},
    "a socket's error": {"body": OSError(f"{KEY} {EMAIL}")},
}


def rendered(error: BaseException) -> str:
    """The error with everything that a reporting tool could show of it, but without the test's own frames."""
    frames = error.__traceback__
    while frames is not None and "/tests/" in frames.tb_frame.f_code.co_filename:
        frames = frames.tb_next
    report = traceback.TracebackException(type(error), error, frames, capture_locals=True)
    return "".join(report.format()) + repr(error) + str(error) + repr(error.args) + repr(vars(error))


@pytest.mark.parametrize("answer", ANSWERS)
@pytest.mark.parametrize("method", METHODS)
def test_no_error_gives_anything_away(method: str, answer: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    with responses.RequestsMock() as vendor:
        vendor.post(URL, **ANSWERS[answer])
        try:
            METHODS[method](tool())
        except ToolError as error:
            assert error.__context__ is None
            assert error.__cause__ is None
            shown = rendered(error)
            sentence = said(error)
        else:
            shown = sentence = ""
    for text in (shown, sentence, caplog.text):
        assert KEY not in text
        if method in MUTATIONS:
            assert NAME not in text
            assert EMAIL not in text
    assert EMAIL not in caplog.text + sentence


def test_one_line_is_logged_about_each_request(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)
    with responses.RequestsMock() as vendor:
        vendor.post(URL, status=503)
        with pytest.raises(ToolError):
            tool().create_link(REQUEST)
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("integrations")]
    assert len(lines) == 1
    assert "'operation': 'CreateLink', 'outcome': 'server_error', 'status': 503, 'milliseconds': " in lines[0]


def test_the_key_hides_itself() -> None:
    key = ApiKey(KEY)
    assert KEY not in f"{key} {key!r} {[key]}"
    with pytest.raises(TypeError):
        pickle.dumps(key)
    assert KEY not in repr(tool())
    assert KEY not in repr(vars(tool()))


def test_shapes_hide_the_candidate() -> None:
    with responses.RequestsMock() as vendor:
        vendor.post(URL, body=body(createLiveInterview=interview()))
        link = tool().create_link(REQUEST)
    assert link.candidate_email == EMAIL
    assert EMAIL not in f"{link!r} {REQUEST!r}"
    assert NAME not in f"{link!r} {REQUEST!r}"


@pytest.mark.parametrize("key", ["two\nlines", "späte", "", "a b", "\u200b"])
def test_a_key_that_can_be_no_header_is_not_sent(key: str) -> None:
    from integrations.codesignal.tool import CodeSignalTool

    with responses.RequestsMock() as vendor, pytest.raises(ToolError) as caught:
        CodeSignalTool(key, api_url=URL).list_links(most=1)
    assert caught.value.code == "key_malformed"
    assert not vendor.calls
