"""An organization's logo in its mails: the picture travels with the mail, and the HTML names it by Content-ID.

A picture on this server would be blocked by most mail programs, could not be reached where Panelist runs inside a
network, and would tell whoever runs it when and where a mail was read.
"""

from __future__ import annotations

import base64
import hashlib
import struct
from email.message import Message
from email.mime.image import MIMEImage
from email.mime.multipart import MIMEMultipart

from organizations.mail_page import Picture
from organizations.models import Logo, Organization

#: Pixels that a logo is shown high and wide at most; it is kept twice as big.
HIGH, WIDE = 40, 160


def picture_of(organization: Organization) -> Picture | None:
    """Return how mails show the logo; None without one."""
    data = _read(organization)
    if data is None:
        return None
    # A PNG begins with eight bytes of its own, then a chunk whose first numbers are width and height.
    width, height = struct.unpack(">II", data[16:24])
    scale = min(HIGH / height, WIDE / width, 1)
    return Picture(_content_id(organization), max(1, round(width * scale)), max(1, round(height * scale)))


def named_in(html: str, organization: Organization) -> dict[str, bytes]:
    """Return the pictures that a mail's HTML names, by Content-ID. A logo that was replaced since is left out."""
    name = _content_id(organization)
    data = _read(organization) if organization.logo_token and f"cid:{name}" in html else None
    return {name: data} if data is not None else {}


def in_place(html: str, pictures: dict[str, bytes]) -> str:
    """Return the HTML with its pictures inside, for a preview."""
    for name, data in pictures.items():
        html = html.replace(f"cid:{name}", f"data:image/png;base64,{base64.b64encode(data).decode()}")
    return html


def related(html_part: Message, pictures: dict[str, bytes]) -> MIMEMultipart:
    """Return the HTML part of a mail together with its pictures (RFC 2387)."""
    whole = MIMEMultipart("related", type="text/html")
    whole.attach(html_part)
    for name, data in pictures.items():
        picture = MIMEImage(data, "png")
        picture.add_header("Content-ID", f"<{name}>")
        picture.add_header("Content-Disposition", "inline", filename="logo.png")
        whole.attach(picture)
    return whole


def _content_id(organization: Organization) -> str:
    """Return the name of the logo: another logo has another, and it tells nothing of the logo's address."""
    return f"logo-{hashlib.sha256(organization.logo_token.encode()).hexdigest()[:16]}@panelist"


def _read(organization: Organization) -> bytes | None:
    if not organization.logo_token:
        return None
    row = Logo.objects.filter(organization=organization).values_list("picture", flat=True).first()
    return bytes(row) if row is not None else None
