"""The one idea of an e-mail address, for forms, files, mail and calendar: what is stored is exactly what leaves.

An address is stored in ASCII, with its domain as the name system knows it (IDNA 2008, RFC 5891): `straße.example` is
`xn--strae-oqa.example` and never `strasse.example`, which is somebody else's. Pages show it readably.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

import idna
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext_lazy as _

from organizations import text

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LONGEST = 254
LONGEST_LOCAL = 64
# Full-width signs, as East Asian keyboards type them, and the small @.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFE6B: "@"}
_DOTS = re.compile(r"[\u3002\uff61]")
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_WORD}(?:\.{_WORD})*")
# `Ada Case <ada@x.example>` or `<ada@x.example>`, as mail programs copy it.
_NAMED = re.compile(r"[^<>]*<([^<>]*)>[\s;,.]*")
_ONE_OF_SEVERAL = re.compile(r"[^\s;,|<>()\[\]\"]+@[^\s;,|<>()\[\]\"@]+")

NO_ADDRESS = _("This is not an e-mail address. Enter one like ada@example.com.")
SEVERAL = _("These are several addresses. Enter only one.")
TWO_SIGNS = _("There is more than one @. Correct the address.")
A_SPACE = _("There is a space in the address. Remove it.")
QUOTED = _("Addresses with quotation marks can't be used. Ask for another address.")
NOT_ASCII = _("Mail can't go to “%(signs)s” before the @. Ask for an address in plain letters.")
LONG_LOCAL = _("At most 64 characters can stand before the @. Correct the address.")
LONG = _("The address is longer than 254 characters. Correct it.")
NO_DOMAIN = _("Mail can't go to “%(domain)s”. Correct the part after the @.")


def clean(value: str) -> str:
    """The address as it is stored and as it leaves. Raises ValidationError: what is wrong, and what to do."""
    return _checked(_bare(value))


def is_valid(value: str) -> bool:
    try:
        clean(value)
    except ValidationError:
        return False
    return True


def tidy(value: str) -> str:
    """The address as it is stored. What is none stays, without signs that nobody sees."""
    try:
        return clean(value)
    except ValidationError:
        return text.line(value)


def key(value: str) -> str:
    """What all spellings of one mailbox share. Only in theory do mail servers tell capitals apart."""
    return tidy(value).lower() if value else ""


def readable(value: str) -> str:
    """`ada@straße.example`, for an address as it is stored."""
    local, at, domain = value.rpartition("@")
    if "xn--" not in domain:
        return value
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except UnicodeError:  # what idna raises is one, too
        return value


def several(value: str) -> list[str]:
    """The addresses in what may hold more than one, such as `a@x.example; Bo <b@y.example>`."""
    found = []
    for part in _ONE_OF_SEVERAL.findall(_plain(value)):
        try:
            found.append(_checked(part.strip("'.:")))
        except ValidationError:
            continue
    return found


def _plain(value: str) -> str:
    return text.line(value.translate(_WIDE))


def _bare(value: str) -> str:
    """What is left of what was pasted: no name around it, no `mailto:`, no quotes."""
    value = _plain(value)
    found = _NAMED.fullmatch(value)
    # Some programs write the address as the name, too; another one there is a second address.
    if found and {each.lower() for each in _ONE_OF_SEVERAL.findall(value)} <= {found[1].strip().lower()}:
        value = found[1].strip()
    if value[:7].lower() == "mailto:":
        value = text.line(unquote(value[7:].partition("?")[0]))
    value = value.rstrip(" ;,")
    if len(value) > 1 and value[0] in "'\"‘“" and value[-1] in "'\"’”":
        value = value[1:-1].strip()
    return value


def _checked(value: str) -> str:
    if value.count("@") > 1 and '"' not in value:
        raise _refused(SEVERAL if len(_ONE_OF_SEVERAL.findall(value)) > 1 else TWO_SIGNS)
    local, at, domain = value.rpartition("@")
    if not (at and local and domain):
        raise _refused(NO_ADDRESS)
    address = f"{_local(local)}@{_domain(domain)}"
    if len(address) > LONGEST:
        raise _refused(LONG)
    try:
        validate_email(address)
    except ValidationError:
        raise _refused(NO_DOMAIN, domain=domain[:80]) from None
    return address


def _local(local: str) -> str:
    for joiner in (text.ZERO_WIDTH_JOINER, text.ZERO_WIDTH_NON_JOINER):
        local = local.replace(joiner, "")
    if len(local) > 2 and local[0] == local[-1] == '"' and _LOCAL.fullmatch(local[1:-1]):
        local = local[1:-1]  # the quotation marks say nothing
    if '"' in local:
        raise _refused(QUOTED)
    if " " in local:
        raise _refused(A_SPACE)
    if not local.isascii():
        raise _refused(NOT_ASCII, signs="".join(dict.fromkeys(sign for sign in local if not sign.isascii()))[:20])
    if not _LOCAL.fullmatch(local):
        raise _refused(NO_ADDRESS)
    if len(local) > LONGEST_LOCAL:
        raise _refused(LONG_LOCAL)
    return local


def _domain(domain: str) -> str:
    if " " in domain:
        raise _refused(A_SPACE)
    try:
        return ".".join(_label(label) for label in _DOTS.sub(".", domain).rstrip(".").split("."))
    except UnicodeError:
        raise _refused(NO_DOMAIN, domain=domain[:80]) from None


def _label(label: str) -> str:
    label = label.lower()
    if label.isascii() and not label.startswith("xn--"):
        return label  # Django's own check follows
    return idna.encode(label, uts46=True).decode("ascii")


def _refused(sentence: StrOrPromise, **params: str) -> ValidationError:
    return ValidationError(sentence, code="invalid", params=params or None)
