"""E-mail addresses, cleaned in one way for forms, files, mail and calendars: the stored address is the sent one.

An address is stored in ASCII with its domain in IDNA 2008 (RFC 5891): `straße.example` is `xn--strae-oqa.example`,
never `strasse.example`, which is another domain. Pages show it with `readable`.
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
# Full-width characters, as East Asian keyboards type them, and the small @.
_WIDE = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0xFE6B: "@"}
_DOTS = re.compile(r"[\u3002\uff61]")
_WORD = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LOCAL = re.compile(rf"{_WORD}(?:\.{_WORD})*")
# `Ada Case <ada@x.example>` or `<ada@x.example>`, as mail programs copy it.
_NAMED = re.compile(r"[^<>]*<([^<>]*)>[\s;,.]*")
_ONE_OF_SEVERAL = re.compile(r"[^\s;,|<>()\[\]\"]+@[^\s;,|<>()\[\]\"@]+")

NO_ADDRESS = _("This is not an e-mail address. Enter one like ada@example.com.")
SEVERAL = _("This has several addresses. Enter only one.")
TWO_SIGNS = _("There is more than one @. Correct the address.")
A_SPACE = _("There is a space in the address. Remove it.")
QUOTED = _("Addresses with quotation marks don't work here. Use another address.")
NOT_ASCII = _("“%(characters)s” doesn't work before the @. Use an address with plain letters.")
LONG_LOCAL = _("More than 64 characters stand before the @. Shorten the address.")
LONG = _("The address has more than 254 characters. Shorten it.")
NO_DOMAIN = _("Mail can't go to “%(domain)s”. Correct the part after the @.")


def clean(value: str) -> str:
    """The address as it is stored and sent. Raises ValidationError: what is wrong, and what to do."""
    return _checked(_bare(value))


def is_valid(value: str) -> bool:
    try:
        clean(value)
    except ValidationError:
        return False
    return True


def tidy(value: str) -> str:
    """The address as it is stored; text that is no address comes back as one clean line."""
    try:
        return clean(value)
    except ValidationError:
        return text.line(value)


def key(value: str) -> str:
    """The one spelling of a mailbox, by which accounts are stored and found: lower case, as mail servers read it.

    Full-width letters become plain ones and the domain its IDNA form. A letter that only looks like another, such as
    the dotless i or the long s, stays what it is: nobody's address, and never a second way to write somebody's.
    """
    return tidy(value).lower() if value else ""


def readable(value: str) -> str:
    """A stored address as people write it: `ada@straße.example`."""
    local, at, domain = value.rpartition("@")
    if "xn--" not in domain:
        return value
    try:
        return f"{local}{at}{idna.decode(domain)}"
    except UnicodeError:  # also the class of the errors of idna
        return value


def hinted(value: str) -> str:
    """An address as its owner recognizes it and nobody else learns it: `in…@umbra.test`."""
    local, at, domain = value.rpartition("@")
    return f"{local[: min(2, max(1, len(local) - 2))]}…{at}{readable(at + domain)[1:]}"


def several(value: str) -> list[str]:
    """All addresses in a text such as `a@x.example; Bo <b@y.example>`."""
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
    """A pasted address without the name around it, `mailto:` or quotes."""
    value = _plain(value)
    found = _NAMED.fullmatch(value)
    # Some programs repeat the address as the name; a different one there is a second address.
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
        local = local[1:-1]  # the quotation marks change nothing
    if '"' in local:
        raise _refused(QUOTED)
    if " " in local:
        raise _refused(A_SPACE)
    if not local.isascii():
        raise _refused(NOT_ASCII, characters="".join(dict.fromkeys(char for char in local if not char.isascii()))[:20])
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
        return label  # `validate_email` checks it
    return idna.encode(label, uts46=True).decode("ascii")


def _refused(message: StrOrPromise, **params: str) -> ValidationError:
    return ValidationError(message, code="invalid", params=params or None)
