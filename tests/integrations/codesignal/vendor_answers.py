"""A tool to test, and answers for it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import responses
from requests import PreparedRequest

from integrations.base import LinkRequest, ToolError
from integrations.codesignal.tool import CodeSignalTool
from integrations.error_texts import sentence

URL = "https://codesignal.example/graphql"
KEY = "sekret-key-0123456789"
NAME = "Zebulon Quux"
EMAIL = "zebulon@quux.example"

REQUEST = LinkRequest(candidate_name=NAME, candidate_email=EMAIL, lifetime=timedelta(hours=24))


def tool(url: str = URL, *, connect: float = 1.0, silence: float = 5.0) -> CodeSignalTool:
    return CodeSignalTool(KEY, api_url=url, timeout=(connect, silence))


def said(error: ToolError) -> str:
    """The error's sentence, as pages show it."""
    return sentence("codesignal", error.code, error.params)


def interview(id: str = "live1", **changes: Any) -> dict[str, Any]:
    """A LiveInterview as the vendor answers it."""
    return {
        "id": id,
        "url": f"https://app.codesignal.example/live-interview/{id}",
        "status": "pending",
        "candidateName": NAME,
        "candidateEmail": EMAIL,
        "startDate": None,
        "finishDate": None,
    } | changes


def body(**data: Any) -> str:
    return json.dumps({"data": data})


def problem(message: str, *, code: str = "", path: list[Any] | None = None, **rest: Any) -> str:
    """A GraphQL error; `rest` may hold `data`."""
    error: dict[str, Any] = {"message": message}
    if code:
        error["extensions"] = {"code": code}
    if path is not None:
        error["path"] = path
    return json.dumps({"errors": [error], **rest})


#: Every method of the contract that makes a call.
READS: dict[str, Callable[[CodeSignalTool], object]] = {
    "check_credentials": lambda tool: tool.check_credentials(),
    "fetch_link": lambda tool: tool.fetch_link("live1"),
    "find_links": lambda tool: tool.find_links([EMAIL, "other@quux.example"]),
    "list_links": lambda tool: tool.list_links(most=200),
    "list_templates": lambda tool: tool.list_templates(),
}
MUTATIONS: dict[str, Callable[[CodeSignalTool], object]] = {
    "create_link": lambda tool: tool.create_link(REQUEST),
    "update_link": lambda tool: tool.update_link("live1", REQUEST),
    "cancel_link": lambda tool: tool.cancel_link("live1"),
}
METHODS = READS | MUTATIONS

Asked = dict[str, Any]


@contextmanager
def vendor(answer: Callable[[str, Asked], str | tuple[int, str]]) -> Iterator[list[tuple[str, Asked]]]:
    """A vendor that answers (operation's name, variables) with a body, or a status and a body; yields what it saw."""
    seen: list[tuple[str, Asked]] = []

    def respond(request: PreparedRequest) -> tuple[int, dict[str, str], str]:
        sent = json.loads(request.body or b"")
        name = sent["query"].split("(")[0].split("{")[0].split()[1]
        seen.append((name, sent["variables"]))
        reply = answer(name, sent["variables"])
        status, text = reply if isinstance(reply, tuple) else (200, reply)
        return status, {}, text

    with responses.RequestsMock(assert_all_requests_are_fired=False) as mock:
        mock.add_callback(responses.POST, URL, callback=respond)
        yield seen
