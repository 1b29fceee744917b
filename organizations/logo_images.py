"""Read the picture that somebody uploads as a logo, and write it anew: nothing but its pixels survives.

What is behind a picture (a script, an archive), and what is beside its pixels (places, names, programs), is left out.
The size is read before the pixels are: a small file may claim to be a picture that fills the memory.
"""

from __future__ import annotations

import io
from typing import IO, TYPE_CHECKING

from django.utils.translation import gettext_lazy as _
from PIL import Image, ImageOps

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

MOST_BYTES = 512 * 1024
#: Pixels of a side.
MOST, LEAST = 3000, 32
#: Logos are kept so big at most: twice what pages and mails show.
KEPT = (480, 240)
FORMATS = ("PNG", "JPEG", "WEBP")

TOO_BIG = _("This file is larger than 512 kB. Choose a smaller one.")
NOT_READ = _("This is no picture that can be read. Upload a PNG, JPEG or WebP file.")
SVG = _("SVG files can contain programs, so they are refused. Upload a PNG, JPEG or WebP file.")
TOO_WIDE = _("This picture is too large. Each side can have 3,000 pixels at most.")
TOO_SMALL = _("This picture is too small. Each side needs 32 pixels at least.")


class Refused(Exception):
    """The file is no logo; `message` says why, and what to do."""

    def __init__(self, message: StrOrPromise) -> None:
        super().__init__(str(message))
        self.message = message


def read(file: IO[bytes]) -> bytes:
    """The picture in an uploaded file, as a PNG without anything beside its pixels. Raises Refused.

    The file's name and what its sender calls its type are ignored.
    """
    data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise Refused(TOO_BIG)
    if _is_svg(data):
        raise Refused(SVG)
    try:
        return _written_anew(data)
    except (Refused, MemoryError):
        raise
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(TOO_WIDE) from None
    except Exception:  # the decoders raise errors of many kinds about broken files
        raise Refused(NOT_READ) from None


def _written_anew(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=FORMATS) as image:
        if max(image.size) > MOST:
            raise Refused(TOO_WIDE)
        if min(image.size) < LEAST:
            raise Refused(TOO_SMALL)
        image.load()
        upright = ImageOps.exif_transpose(image)
        pixels = upright.convert("RGBA" if upright.has_transparency_data else "RGB")
    pixels.thumbnail(KEPT, Image.Resampling.LANCZOS)
    # A copy of the pixels alone: the picture's own notes are not handed over.
    clean = Image.new(pixels.mode, pixels.size)
    clean.paste(pixels)
    written = io.BytesIO()
    clean.save(written, "PNG", optimize=True)
    return written.getvalue()


def _is_svg(data: bytes) -> bool:
    """Whether a file looks like XML, the only kind of picture that is text. Compressed ones are no picture here."""
    for codec in ("utf-8-sig", "utf-16"):
        start = data[:4096].decode(codec, errors="ignore").lstrip().lower()
        if start.startswith("<"):
            return True
    return False
