"""The meaning of an HTTP answer of CodeSignal: its data, or one of the contract's errors.

How CodeSignal reports a missing permission or an exceeded rate is not documented, so the HTTP status, `extensions.code`
and the wording of a GraphQL error are all read. Two rules keep that safe:

* the wording is judged without its quoted parts, because a vendor may quote what a user typed;
* where a mutation has reached its resolver and the error does not say for certain "not done", it may have happened.
"""

from __future__ import annotations

import enum
import json
import re
from dataclasses import dataclass, field
from typing import NoReturn

from integrations.base import ToolError
from integrations.codesignal import errors
from integrations.codesignal.queries import Operation
from integrations.transport import Reply, retry_after

Json = dict[str, object]


class _Meaning(enum.Enum):
    BAD_KEY = "bad key"
    DENIED = "denied"
    THROTTLED = "throttled"
    MISSING = "missing"
    INVALID = "invalid"
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class _Complaint:
    """One GraphQL error.

    `certain`: the meaning holds even where the resolver had begun. `placed`: it names a field, so execution had begun.
    `reached`: it arose below a root field, so that field's own work was done.
    """

    meaning: _Meaning
    certain: bool = False
    placed: bool = False
    reached: bool = False
    text: str = field(default="", repr=False)


_CODES = {
    "UNAUTHENTICATED": _Meaning.BAD_KEY,
    "INVALID_API_KEY": _Meaning.BAD_KEY,
    "FORBIDDEN": _Meaning.DENIED,
    "UNAUTHORIZED": _Meaning.DENIED,
    "ACCESS_DENIED": _Meaning.DENIED,
    "PERMISSION_DENIED": _Meaning.DENIED,
    "RATE_LIMITED": _Meaning.THROTTLED,
    "RATE_LIMIT_EXCEEDED": _Meaning.THROTTLED,
    "TOO_MANY_REQUESTS": _Meaning.THROTTLED,
    "THROTTLED": _Meaning.THROTTLED,
    "NOT_FOUND": _Meaning.MISSING,
    "GRAPHQL_VALIDATION_FAILED": _Meaning.INVALID,
    "GRAPHQL_PARSE_FAILED": _Meaning.INVALID,
}
#: Codes that say no more than "invalid": the wording may know better ("not found").
_WEAK_CODES = {"BAD_USER_INPUT", "VALIDATION_ERROR", "BAD_REQUEST", "INVALID_INPUT"}

_QUOTED = re.compile(r'"[^"]*"|`[^`]*`|(?<!\w)\'[^\']*\'')
_WORDING = {
    _Meaning.THROTTLED: re.compile(r"rate.?limit|too many requests|throttl", re.I),
    _Meaning.BAD_KEY: re.compile(
        r"(invalid|unknown|expired|revoked|deactivated|bad|missing|wrong)\b.{0,20}\b(api.?key|access.?token|credential)"
        r"|(api.?key|token).{0,20}\b(invalid|unknown|expired|revoked|deactivated|not valid)"
        r"|unauthenticated|not authenticated|authentication (failed|required)",
        re.I,
    ),
    _Meaning.DENIED: re.compile(
        r"access.?denied|permission|forbidden|not authori[sz]ed|unauthori[sz]ed|insufficient (scope|right)", re.I
    ),
    _Meaning.MISSING: re.compile(
        r"not.?found|(does not|doesn'?t) exist|no such|(could not|couldn'?t|cannot|can'?t) find|has been deleted", re.I
    ),
}
_INVALID = re.compile(
    r"validation|invalid|must (not )?be|is required|expected|cannot query|unknown (argument|field|type)|syntax error"
    r"|exceed|too (long|short|large|complex|deep)|out of range",
    re.I,
)
#: Wording that names an input as wrong, so believable even from a resolver.
_INPUT_NAMED = re.compile(
    r"must (not )?be|is required|invalid (e-?mail|expiration|template|candidate|team|interviewer|value|input|argument)",
    re.I,
)
_PERMISSION_WORDS = re.compile(r"access.?denied|permission|forbidden|liveInterview", re.I)
# "liveInterview" alone is also the name of a field: it counts as a permission only where it is called one.
_PERMISSION_NAME = re.compile(
    r"liveInterview\.company(?:\.(?:read|write))?(?!\w|\.\w)|(?<=ermission )['\"]?(liveInterview)(?!\w|\.\w)"
)


def judge(reply: Reply, operation: Operation) -> Json | ToolError:
    """The answer's `data`, or the error to raise. `data` is an object with unchecked contents."""
    document = _parse(reply.body)
    if 200 <= reply.status < 300:
        return _judge_success(reply, document, operation)
    complaints = _complaints(document, operation)
    if 300 <= reply.status < 400:
        # A redirected POST is not handled where it was sent, except by the two that mean "done, now look there".
        seen = operation.mutates and reply.status in (302, 303)
        return errors.lost("wrong_address", mutates=seen)
    if reply.status >= 500 or reply.status in (408, 409, 423, 499):
        return _judge_trouble(reply, complaints, operation)
    return _judge_refusal(reply, complaints, operation)


def _judge_success(reply: Reply, document: Json | None, operation: Operation) -> Json | ToolError:
    if document is None:
        return errors.lost("unreadable", mutates=operation.mutates)
    data = document.get("data")
    complaints = _complaints(document, operation)
    if not complaints:
        return data if isinstance(data, dict) else errors.lost("unreadable", mutates=operation.mutates)
    answered = isinstance(data, dict) and all(data.get(root) is not None for root in operation.roots)
    if answered and isinstance(data, dict) and all(complaint.reached for complaint in complaints):
        # Only something inside was left out (feedback that the key may not read, say): the rest is good.
        return data
    if answered and operation.mutates:
        return errors.lost("unknown", mutates=True)
    executed = isinstance(data, dict) or any(complaint.placed for complaint in complaints)
    return _explain(reply, complaints, operation, executed=executed)


def _judge_trouble(reply: Reply, complaints: list[_Complaint], operation: Operation) -> ToolError:
    """A server error. Only a clear word about the key is believed."""
    if complaints and all(c.meaning in (_Meaning.DENIED, _Meaning.BAD_KEY) and not c.reached for c in complaints):
        return _explain(reply, complaints, operation, executed=True)
    return errors.lost("server_error", mutates=operation.mutates, retry_after=retry_after(reply))


def _judge_refusal(reply: Reply, complaints: list[_Complaint], operation: Operation) -> ToolError:
    """A 4xx: nothing happened, unless the body says that a resolver had run."""
    meanings = {complaint.meaning for complaint in complaints}
    if reply.status == 429:
        return errors.retryable("rate_limited", retry_after=retry_after(reply))
    if reply.status == 401 and not any(_names_a_permission(complaint) for complaint in complaints):
        return errors.rejected("key_rejected")
    if reply.status == 403 and not meanings & {_Meaning.THROTTLED, _Meaning.BAD_KEY, _Meaning.DENIED}:
        return errors.rejected("permission_missing")
    if reply.status in (404, 405, 410, 425) and not any(_names_an_object(complaint) for complaint in complaints):
        return errors.retryable("wrong_address" if reply.status != 425 else "server_error")
    if meanings - {_Meaning.OTHER}:
        return _explain(reply, complaints, operation, executed=False)
    return errors.refused("refused")


def _explain(reply: Reply, complaints: list[_Complaint], operation: Operation, *, executed: bool) -> ToolError:
    """One error out of the complaints of an answer without usable data."""
    unclear = [c for c in complaints if c.meaning is _Meaning.OTHER or (c.reached and operation.mutates)]
    unsure = executed and [c for c in complaints if c.meaning is _Meaning.INVALID and not c.certain]
    if unclear or (unsure and operation.mutates):
        return errors.lost("unknown", mutates=operation.mutates, retry_after=retry_after(reply))
    by_meaning = {complaint.meaning: complaint for complaint in reversed(complaints)}
    text = " ".join(complaint.text for complaint in complaints)
    if _Meaning.BAD_KEY in by_meaning:
        return errors.rejected("key_rejected")
    if _Meaning.DENIED in by_meaning:
        named = tuple(sorted({found[1] or found[0] for found in _PERMISSION_NAME.finditer(text)}))
        return errors.rejected("permission_missing", missing=named)
    if _Meaning.THROTTLED in by_meaning:
        return errors.retryable("rate_limited", retry_after=retry_after(reply))
    if _Meaning.MISSING in by_meaning:
        return _missing(by_meaning[_Meaning.MISSING].text, operation)
    return errors.refused(_refusal_code(text))


def _missing(text: str, operation: Operation) -> ToolError:
    """ "Not found" is about the link that the call names, unless it names none or the words are about a template."""
    if re.search("template", text, re.I):
        return errors.refused("template_refused")
    return errors.gone() if "$id" in operation.document else errors.refused("refused")


def _refusal_code(text: str) -> str:
    plain = _QUOTED.sub(" ", text)
    for pattern, code in (("expiration", "lifetime"), ("e-?mail", "email_refused"), ("template", "template_refused")):
        if re.search(pattern, plain, re.I):
            return code
    return "refused"


def _names_a_permission(complaint: _Complaint) -> bool:
    """A 401 is about the key, unless its words are those of a missing permission."""
    return complaint.meaning is _Meaning.DENIED and bool(_PERMISSION_WORDS.search(complaint.text))


def _names_an_object(complaint: _Complaint) -> bool:
    return complaint.meaning is not _Meaning.OTHER and bool(re.search("interview|template", complaint.text, re.I))


def _complaints(document: Json | None, operation: Operation) -> list[_Complaint]:
    if document is None:
        return []
    found = document.get("errors")
    if not found and document.get("data") is None:
        found = document.get("error") or document.get("message")
    if not found:
        return []
    return [_complaint(error, operation) for error in (found if isinstance(found, list) else [found])]


def _complaint(error: object, operation: Operation) -> _Complaint:
    if isinstance(error, str):
        error = {"message": error}
    if not isinstance(error, dict):
        return _Complaint(_Meaning.OTHER)
    message, path, extensions = error.get("message"), error.get("path"), error.get("extensions")
    text = message if isinstance(message, str) else ""
    code = extensions.get("code") if isinstance(extensions, dict) else None
    meaning, certain = _meaning(code if isinstance(code, str) else "", _QUOTED.sub(" ", text))
    placed = isinstance(path, list) and len(path) > 0
    reached = isinstance(path, list) and len(path) > 1 and path[0] in operation.roots
    return _Complaint(meaning, certain=certain, placed=placed, reached=reached, text=text)


def _meaning(code: str, plain: str) -> tuple[_Meaning, bool]:
    """The meaning of an error, and whether it is certain even when a resolver had begun."""
    if code.upper() in _CODES:
        return _CODES[code.upper()], True
    heard = [meaning for meaning, pattern in _WORDING.items() if pattern.search(plain)]
    if _Meaning.DENIED in heard and _Meaning.MISSING in heard:
        return _Meaning.OTHER, False  # "not found or access denied": a deleted link or a weak key, no telling
    if heard:
        return heard[0], True
    if code.upper() in _WEAK_CODES:
        return _Meaning.INVALID, True
    if _INVALID.search(plain):
        return _Meaning.INVALID, bool(_INPUT_NAMED.search(plain))
    return _Meaning.OTHER, False


def _parse(body: bytes) -> Json | None:
    """The body as a JSON object; None when it is anything else."""
    try:
        document = json.loads(body, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        return None
    return document if isinstance(document, dict) else None


def _no_constant(name: str) -> NoReturn:
    """JSON knows no NaN and no Infinity; Python's reader does."""
    raise ValueError(name)
