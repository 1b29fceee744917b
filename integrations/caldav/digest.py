"""HTTP Digest (RFC 7616), which Baïkal and some older servers ask for in place of a plain password."""

from __future__ import annotations

import hashlib
import re
import secrets
from urllib.parse import urlsplit
from urllib.request import parse_http_list, parse_keqv_list

_HASHES = {"md5": hashlib.md5, "sha-256": hashlib.sha256}


class Digest:
    """The answers of one account to one server's challenge."""

    def __init__(self, username: str, password: str) -> None:
        self._username = username
        self._password = password
        self._challenge: dict[str, str] = {}
        self._count = 0

    @property
    def is_wanted(self) -> bool:
        """Whether the server has asked for it."""
        return bool(self._challenge)

    def take(self, header: str) -> bool:
        """Take the challenge of a WWW-Authenticate header. False for none that is new or can be answered."""
        found = re.search(r"\bdigest\s+(.*)", header, re.IGNORECASE | re.DOTALL)
        if found is None or re.search(r"\bbasic\b", header, re.IGNORECASE):
            return False
        pairs = [part for part in parse_http_list(found[1]) if "=" in part]
        challenge = {name.strip().lower(): value for name, value in parse_keqv_list(pairs).items()}
        known = challenge.get("algorithm", "md5").lower() in _HASHES and {"realm", "nonce"} <= set(challenge)
        is_new = challenge.get("nonce") != self._challenge.get("nonce")
        if known:
            self._challenge, self._count = challenge, 0
        return known and is_new

    def header(self, method: str, url: str) -> str:
        """The Authorization header of a request."""
        given, parts = self._challenge, urlsplit(url)
        uri = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        self._count += 1
        count, own = f"{self._count:08x}", secrets.token_hex(8)
        first = self._hash(f"{self._username}:{given['realm']}:{self._password}")
        second = self._hash(f"{method}:{uri}")
        with_qop = "auth" in [one.strip() for one in given.get("qop", "").split(",")]
        middle = f"{given['nonce']}:{count}:{own}:auth" if with_qop else given["nonce"]
        fields = {"username": self._username, "realm": given["realm"], "nonce": given["nonce"], "uri": uri}
        fields["response"] = self._hash(f"{first}:{middle}:{second}")
        if "opaque" in given:
            fields["opaque"] = given["opaque"]
        text = ", ".join(f'{name}="{value}"' for name, value in fields.items())
        algorithm = f", algorithm={given['algorithm']}" if "algorithm" in given else ""
        return f"Digest {text}{algorithm}" + (f', qop=auth, nc={count}, cnonce="{own}"' if with_qop else "")

    def _hash(self, text: str) -> str:
        made = _HASHES[self._challenge.get("algorithm", "md5").lower()]
        return made(text.encode(), usedforsecurity=False).hexdigest()
