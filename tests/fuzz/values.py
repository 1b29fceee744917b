"""Values that no page of the product sends, and that programs, old pages and strangers do."""

from __future__ import annotations

import time

#: Single values of a parameter, as they are sent.
NUMBERS = ["0", "-1", "²", "٣", "1.5", "1e5", "NaN", "0x1", "9" * 19, str(2**63), "9" * 20, "9" * 5000]
DAYS = ["0001-01-01", "9999-12-31", "10000-01-01", "2027-02-30", "9999-12-31 23:59:59", "24:00", "23:59:59.9999999"]
TEXTS = [
    "",
    " ",
    "\0",
    "a\0b",
    "nonsense",
    "../../etc/passwd",
    "Europe/Atlantis",
    "{candidate",
    "%s %(x)s {0.__class__}",
    "<b>&\"'",
    "\u202e\u0000\U0010ffff",
    ":,;.-",
    "²:x",
    "remove:²",
    "x" * 5000,
]
VALUES = [*NUMBERS, *DAYS, *TEXTS]
#: Bytes that are no UTF-8, and half of a character.
RAW = [b"%FF%FE", b"%ED%A0%80", b"%00", b"%", b"+" * 100]
LONGEST = "y" * 1_000_000

#: In the place of a number, a word or a token of an address.
PARTS = ["0", "-1", "1.5", "%C2%B2", "%D9%A3", "9" * 19, "9" * 20, "9" * 5000, "%00", "a%00b", "%FF", "..", "x" * 5000]

BOUNDARY = "multipart/form-data; boundary=b"


def _part(name: str, value: bytes, *, more: str = "") -> bytes:
    head = f'--b\r\nContent-Disposition: form-data; name="{name}"{more}\r\n\r\n'.encode()
    return head + value + b"\r\n--b--\r\n"


def bodies(name: str) -> list[tuple[str, bytes]]:
    """Content types and bodies that are not what they say, around a parameter of this name."""
    return [
        ("application/json", b'{"a": '),
        ("text/plain", b"\0"),
        ("", name.encode() + b"=1"),
        ("multipart/form-data", b"no boundary"),
        (BOUNDARY, b"--b\r\nnothing"),
        (BOUNDARY, _part(name, b"\xff\xfe\0")),
        (BOUNDARY, _part(name, b"\0", more='; filename="a.csv"')),
        (f"{BOUNDARY}; charset=utf-7", _part(name, b"+2AA-")),
        (f"{BOUNDARY}; charset=hex", _part(name, b"00")),
        (f"{BOUNDARY}; charset=idna", _part(name, b"xn--a")),
        ("application/x-www-form-urlencoded; charset=utf-7", name.encode() + b"=%2B2AA-"),
        ("application/x-www-form-urlencoded", b"&".join(b"a%d=1" % number for number in range(1100))),
        ("application/x-www-form-urlencoded", name.encode() + b"=1&" + name.encode() + b"=%00&" + name.encode()),
    ]


def uploaded(name: str, content: bytes) -> bytes:
    """The body that carries a file."""
    return _part(name, content, more='; filename="a.csv"')


#: Files that somebody takes for a table.
FILES = [
    b"",
    b"\0",
    b"name,email\r\nA\0da,ada@example.com\r\n",
    "name,email\n\ud800,a@example.com\n".encode("utf-8", "surrogatepass"),
    b"\xff\xfe" + "name\tემილ\n\0".encode("utf-16-le"),
    b"\xff\xfen",
    b"\xfe\xff\xd8\x00",
    b"\xef\xbb\xbfname\n" + b"\x80\x81\xfe\n" * 50,
    b'name,email\n"' + b"x" * 200_000,
    b"name," * 3000 + b"\n",
    b"sep=\nname\n",
    b'sep="\nname"email\nAda"a\n',
    b"name,time zone\nAda," + b"9" * 5000 + b"\nEve,../../etc/passwd\n",
    b"\r\r\r\n\n,,,,\n\x1c\x1d\x85",
    b"PK\x03\x04" + bytes(range(256)) * 20,
]

#: Bodies that a vendor's webhook address is sent.
JSON = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"NaN",
    b"[" * 100_000,
    b'{"event": "liveInterviewFinished", "triggeredOn": 1e400, "payload": {"interviewId": "a"}}',
    b'{"event": "liveInterviewFinished", "triggeredOn": ' + b"9" * 5000 + b"}",
    b'{"event": "\\u0000", "triggeredOn": "1764000000000", "payload": {"interviewId": "\\u0000"}}',
    b'{"event": "\\ud800", "triggeredOn": NaN, "payload": {"interviewId": {}}}',
    b'{"event": [], "triggeredOn": {}, "payload": []}',
    b"\xff\xfe",
    b'{"a": "' + b"x" * 300_000 + b'"}',
]
#: Of events that are signed as they should be.
EVENTS = ["liveInterviewFinished", "liveInterviewFeedbackUpdated", "nonsense", "\0", "\ud800", "x" * 5000]
_NOW = int(time.time() * 1000)
TIMES: list[object] = [_NOW, str(_NOW), 1764000000000, 0, 9999999999999999, "253402300800000"]
_IDENTIFIERS: list[object] = ["x1-0", "", "\0", "\ud800", "x" * 5000, "²", 7, None, [], {}]
PAYLOADS: list[object] = [
    *({"interviewId": value} for value in _IDENTIFIERS),
    [],
    None,
    "x",
]
HEADERS = [
    "HX-Request",
    "HX-Current-URL",
    "HX-Target",
    "HX-Prompt",
    "Accept-Language",
    "Referer",
    "X-Forwarded-For",
    "X-Request-ID",
    "Cookie",
    "If-Modified-Since",
    "Range",
]
HEADER_VALUES = [*VALUES, "z" * 9000, '"\\000abcdefgh"', "=;=", "http://[", "\xff"]
COOKIES = ["sessionid", "csrftoken", "messages", "known_browser", "django_language"]
