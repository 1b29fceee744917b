"""A running sandbox, and a caller that sees the raw answers."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest

from integrations.sandbox import Sandbox

CREATE = """
mutation Create($fields: LiveInterviewInput) {
  createLiveInterview(interviewFields: $fields) { id url shortenedUrl status candidateEmail candidateName }
}
"""
EDIT = """
mutation Edit($id: ID!, $fields: LiveInterviewInput!) {
  editLiveInterview(id: $id, interviewFields: $fields) { id status candidateName }
}
"""
DELETE = "mutation Delete($id: ID!) { deleteLiveInterview(id: $id) }"
FETCH = """
query Fetch($id: ID!) {
  liveInterview(liveInterviewId: $id) {
    id candidateEmail candidateName status proctoringStatus startDate finishDate url shortenedUrl
    trackCandidateLocation disableDescriptionCopy company { id name }
    interviewersFeedback {
      author { id profile { name } } notes evaluation overallEvaluation recommendedLevel
      categories { name attributes { name score notes } }
    }
  }
}
"""
LIST = """
query List($email: String, $first: Int, $offset: Int) {
  liveInterviews(candidateEmail: $email, first: $first, offset: $offset) { id status }
}
"""


@dataclass
class Reply:
    status: int
    headers: http.client.HTTPMessage
    raw: bytes

    @property
    def json(self) -> dict[str, Any]:
        body: dict[str, Any] = json.loads(self.raw)
        return body

    @property
    def data(self) -> Any:
        assert "errors" not in self.json, self.json
        return self.json["data"]

    @property
    def error(self) -> str:
        return str(self.json["errors"][0]["message"])

    @property
    def html(self) -> str:
        return self.raw.decode()


class Caller:
    """One kept connection to a server; opens a new one after it was closed."""

    def __init__(self, url: str, key: str = "") -> None:
        self.key = key
        self.connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10)

    def send(self, method: str, path: str, body: str | None = None, headers: dict[str, str] | None = None) -> Reply:
        try:
            self.connection.request(method, path, body, headers or {})
            response = self.connection.getresponse()
            return Reply(response.status, response.headers, response.read())
        except (OSError, http.client.HTTPException):
            self.connection.close()
            raise

    def ask(self, query: str, *, headers: dict[str, str] | None = None, **variables: Any) -> Reply:
        headers = {"Content-Type": "application/json", "Authorization": f"Bearer {self.key}"} | (headers or {})
        return self.send("POST", "/graphql", json.dumps({"query": query, "variables": variables}), headers)

    def create(self, **fields: Any) -> dict[str, Any]:
        made: dict[str, Any] = self.ask(CREATE, fields=fields).data["createLiveInterview"]
        return made

    def get(self, path: str, headers: dict[str, str] | None = None) -> Reply:
        return self.send("GET", path, headers=headers)

    def post(self, path: str, form: Mapping[str, object] | None = None, headers: dict[str, str] | None = None) -> Reply:
        headers = {"Content-Type": "application/x-www-form-urlencoded"} | (headers or {})
        return self.send("POST", path, urlencode(form or {}, doseq=True), headers)


@pytest.fixture
def sandbox() -> Iterator[Sandbox]:
    with Sandbox() as running:
        yield running


@pytest.fixture
def caller(sandbox: Sandbox) -> Iterator[Caller]:
    """A caller whose key may do everything and is not slowed by the rate limit."""
    sandbox.configure(queries_per_second=0, mutations_per_second=0)
    caller = Caller(sandbox.url, sandbox.make_key())
    yield caller
    caller.connection.close()
