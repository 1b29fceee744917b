"""Read from an address that an admin has entered, without becoming their way into the server's network.

The name is resolved once, every address has to be public, and the connection goes to the very address that was
checked. Redirects are not followed, answers are bounded in time and size. Only what ALLOW_INTERNAL_PROVIDERS allows is
looser: a provider inside the network, also by plain http.
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import urlencode, urlsplit

import certifi
import urllib3
from django.conf import settings

from organizations import public_addresses

#: Seconds to connect and between two pieces of an answer; both are part of a page that a person waits for.
TIMEOUT = urllib3.Timeout(connect=3, read=5, total=8)
LARGEST_ANSWER = 500_000
LONGEST_ADDRESS = 1000


class NotAllowed(Exception):
    """The address is not one that is asked."""


class NoAnswer(Exception):
    """The server could not be reached, or its answer is none. It may have done what it was asked for."""


class Refused(Exception):
    """The server answered with an error."""


def check_address(address: str) -> None:
    """Raise NotAllowed unless the address may be asked, by its form alone: nothing is looked up."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        raise NotAllowed from None
    schemes = {"https", "http"} if settings.ALLOW_INTERNAL_PROVIDERS else {"https"}
    plain = address.isascii() and address.isprintable() and " " not in address and len(address) <= LONGEST_ADDRESS
    if not plain or parts.scheme not in schemes or not parts.hostname or parts.username or parts.password or port == 0:
        raise NotAllowed


def get(address: str, *, token: str = "") -> dict[str, Any]:
    """Read a JSON object. Raises NotAllowed, NoAnswer, Refused."""
    return _read(_ask("GET", address, headers={"Authorization": f"Bearer {token}"} if token else {}))


def get_document(address: str) -> bytes:
    """Read a document that is no JSON. Raises NotAllowed, NoAnswer, Refused."""
    return _ask("GET", address, headers={"Accept": "application/samlmetadata+xml, application/xml, text/xml"})


def post(address: str, fields: dict[str, str], *, authorization: str = "") -> dict[str, Any]:
    """Send a form and read a JSON object. Raises NotAllowed, NoAnswer, Refused."""
    headers = {"Authorization": authorization} if authorization else {}
    return _read(_ask("POST", address, fields=fields, headers=headers))


def _ask(method: str, address: str, *, headers: dict[str, str], fields: dict[str, str] | None = None) -> bytes:
    check_address(address)
    parts = urlsplit(address)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    sent = {"Host": parts.netloc, "Accept": "application/json", "User-Agent": "Panelist", **headers}
    if fields:
        sent["Content-Type"] = "application/x-www-form-urlencoded"
    pool = _pool(parts.scheme, parts.hostname or "", parts.port)
    try:
        with pool:
            response = pool.request(
                method,
                path,
                body=urlencode(fields) if fields else None,
                headers=sent,
                retries=False,
                redirect=False,
                timeout=TIMEOUT,
                preload_content=False,
            )
            body = response.read(LARGEST_ANSWER + 1, decode_content=True)
            status = response.status
            response.close()
    except (urllib3.exceptions.HTTPError, OSError, ValueError):
        raise NoAnswer from None
    if status != 200:
        raise Refused if 400 <= status < 500 else NoAnswer
    if len(body) > LARGEST_ANSWER:
        raise NoAnswer
    return bytes(body)


def _read(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        raise NoAnswer from None
    if not isinstance(found, dict):
        raise NoAnswer
    return found


def _pool(scheme: str, host: str, port: int | None) -> urllib3.HTTPConnectionPool:
    """Connections to one checked address of a host, under the host's name."""
    number = port or (443 if scheme == "https" else 80)
    address = _address_of(host, number)
    if scheme == "http":
        return urllib3.HTTPConnectionPool(address, number, maxsize=1)
    return urllib3.HTTPSConnectionPool(
        address,
        number,
        maxsize=1,
        server_hostname=host,
        assert_hostname=host,
        cert_reqs="CERT_REQUIRED",
        ca_certs=certifi.where(),
    )


def _address_of(host: str, port: int) -> str:
    """The address to connect to. Raises NotAllowed when any that the name has is not public, NoAnswer for none."""
    try:
        return public_addresses.resolve(host, port, internal=settings.ALLOW_INTERNAL_PROVIDERS)
    except public_addresses.NotPublic:
        raise NotAllowed from None
    except public_addresses.NotFound:
        raise NoAnswer from None
