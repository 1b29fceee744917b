"""Requests to a CalDAV server with one account.

This is a client of its own and not the package `caldav`: that one brings an HTTP library which replaces urllib3 for
the whole process, can't be held to a checked address and ten seconds in all, repeats requests, and lists a whole
calendar without a word where its token is too old.
"""

from __future__ import annotations

import base64
import contextlib
import re
from collections.abc import Callable, Mapping

from django.views.decorators.debug import sensitive_variables

from integrations import guarded
from integrations.base import CredentialsRejected, Gone, Pacer, Refused
from integrations.caldav import xml
from integrations.caldav.digest import Digest
from integrations.guarded import Reply, Request
from integrations.transport import lost

_XML = {"Content-Type": "application/xml; charset=utf-8"}
#: A shorter label before a country's end is most likely one that everybody registers below: co.uk, com.au.
_SHORT_LABEL = 3


class Dav:
    """A server that `address` is at. Only its own hosts get the credentials."""

    @sensitive_variables()
    def __init__(self, address: str, username: str, password: str, pacer: Pacer | None = None) -> None:
        self.address = guarded.clean_address(address)
        self.username = username
        self._basic = "Basic " + base64.b64encode(f"{username}:{password}".encode()).decode()
        self._digest = Digest(username, password)
        self._pacer = pacer

    def find(self, url: str, names: list[str], depth: int = 0) -> xml.Answer:
        """Properties of a resource, and with depth 1 of those in it. Raises `Gone` where there is none."""
        reply = self._send("PROPFIND", url, xml.propfind(names), {**_XML, "Depth": str(depth)})
        return self.multistatus(reply)

    def ask(self, url: str, question: bytes, depth: int = 1) -> xml.Answer:
        """The answer to a REPORT. Raises `Gone` where there is no such calendar."""
        return self.multistatus(self.report(url, question, depth))

    def report(self, url: str, question: bytes, depth: int = 1) -> Reply:
        """The unjudged answer to a REPORT, but for what is wrong with the account or the server."""
        return self._send("REPORT", url, question, {**_XML, "Depth": str(depth)})

    def get(self, url: str) -> Reply:
        return self._send("GET", url, b"", {"Accept": "text/calendar"})

    def put(self, url: str, body: bytes, conditions: Mapping[str, str]) -> Reply:
        headers = {"Content-Type": "text/calendar; charset=utf-8", **conditions}
        return self._send("PUT", url, body, headers, changes=True)

    def delete(self, url: str, conditions: Mapping[str, str]) -> Reply:
        """Schedule-Reply (RFC 6638): the server tells no organizer that its attendee declined."""
        return self._send("DELETE", url, b"", {"Schedule-Reply": "F", **conditions}, changes=True)

    def multistatus(self, reply: Reply) -> xml.Answer:
        """The items of an answer. Raises the contract's error for anything else."""
        if reply.status in (404, 410):
            raise Gone("gone")
        raise_problem(reply)
        if reply.status != 207:
            raise Refused("wrong_address")
        answer: xml.Answer | None = None
        with contextlib.suppress(xml.Unreadable):
            answer = xml.read(reply.body, reply.url)
        if answer is None:
            raise lost("unreadable", changes=False)
        return answer

    @sensitive_variables()
    def _send(self, method: str, url: str, body: bytes, headers: Mapping[str, str], *, changes: bool = False) -> Reply:
        """Send a request, and once more where the server wants the password by digest: it had not read it then."""
        for _try in range(2):
            if self._pacer is not None:
                self._pacer("write" if changes else "read")
            credentials = self._authorization(method, url) if self.is_own(url) else ""
            reply = guarded.send(Request(method, url, headers, body, credentials, changes))
            if reply.status != 401 or not self._digest.take(reply.headers.get("www-authenticate", "")):
                break
        if reply.status == 401 and not reply.is_elsewhere:
            raise CredentialsRejected("key_rejected")
        return reply

    def is_own(self, url: str) -> bool:
        """Whether an address belongs to the server that the account is at: its host, or one beside or below it.

        iCloud names a host of its own for each person's calendars.
        """
        scheme, host, _port = guarded.origin(url)
        first_scheme, first_host, _first_port = guarded.origin(self.address)
        if guarded.origin(url) == guarded.origin(self.address):
            return True
        parent = first_host.partition(".")[2]
        shared = "." in parent and len(parent.partition(".")[0]) > _SHORT_LABEL and not re.fullmatch(r"[\d.]+", host)
        return scheme == first_scheme == "https" and (
            host.endswith(f".{first_host}") or (shared and host.endswith(f".{parent}"))
        )

    def _authorization(self, method: str, url: str) -> str:
        return self._digest.header(method, url) if self._digest.is_wanted else self._basic


def raise_problem(reply: Reply, *, changes: bool = False) -> None:
    """Raise the contract's error for a status that is about the account or the server."""
    if reply.status == 403 and not reply.is_elsewhere:
        raise Refused("read_only" if changes else "denied")
    if problem := guarded.problem_of(reply, changes=changes):
        raise problem


def tried(ask: Callable[[], xml.Answer]) -> xml.Answer | Refused:
    """The answer, or the refusal in place of it: discovery goes on with the next address."""
    try:
        return ask()
    except Refused as problem:
        return problem
