"""Uploaded logos: nothing of a file but its pixels gets in, and no file fills the memory."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image, PngImagePlugin

from organizations import logo_images
from organizations.logo_images import KEPT, MOST_BYTES, NOT_READ, SVG, TOO_SMALL, TOO_WIDE, Refused


def picture(kind: str = "PNG", size: tuple[int, int] = (64, 48), mode: str = "RGB", **options: object) -> bytes:
    written = io.BytesIO()
    Image.new(mode, size, "teal" if mode != "P" else 3).save(written, kind, **options)
    return written.getvalue()


def read(data: bytes) -> bytes:
    return logo_images.read(io.BytesIO(data))


def refusal(data: bytes) -> str:
    with pytest.raises(Refused) as refused:
        read(data)
    return str(refused.value)


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP"])
def test_the_three_kinds_become_a_png_of_the_same_size(kind: str) -> None:
    with Image.open(io.BytesIO(read(picture(kind)))) as kept:
        assert (kept.format, kept.size, kept.info) == ("PNG", (64, 48), {})


@pytest.mark.parametrize("mode", ["L", "LA", "P", "RGBA", "1", "I;16", "CMYK"])
def test_every_way_to_keep_colours_can_be_read(mode: str) -> None:
    written = io.BytesIO()
    Image.new(mode, (40, 40)).save(written, "JPEG" if mode == "CMYK" else "PNG")
    with Image.open(io.BytesIO(read(written.getvalue()))) as kept:
        assert kept.mode in {"RGB", "RGBA"}


def test_a_large_one_is_made_smaller_and_keeps_its_shape() -> None:
    with Image.open(io.BytesIO(read(picture(size=(2400, 600))))) as kept:
        assert kept.size == (KEPT[0], KEPT[0] // 4)


def test_places_names_and_programs_beside_the_pixels_are_gone() -> None:
    notes = PngImagePlugin.PngInfo()
    notes.add_text("Author", "Ada Lovelace")
    notes.add_itxt("XML:com.adobe.xmp", "<x>secret place</x>")
    exif = Image.Exif()
    exif[0x010E] = "taken at home"
    for data in (
        picture(pnginfo=notes, exif=exif, icc_profile=b"a profile of mine"),
        picture("JPEG", exif=exif, comment=b"a comment"),
        picture("WEBP", exif=exif, xmp=b"<x>secret place</x>"),
    ):
        kept = read(data)
        for word in (b"Ada", b"secret", b"home", b"profile", b"comment", b"Exif", b"eXIf", b"iCCP", b"tEXt"):
            assert word not in kept


def test_a_photo_that_lies_on_its_side_is_turned() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    with Image.open(io.BytesIO(read(picture("JPEG", exif=exif)))) as kept:
        assert kept.size == (48, 64)


def test_of_a_picture_that_is_also_something_else_only_the_picture_stays() -> None:
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as packed:
        packed.writestr("evil.html", "<script>alert(1)</script>")
    for tail in (archive.getvalue(), b"<script>alert(1)</script>", b"%PDF-1.7 ...", b"<?php system('id') ?>"):
        kept = read(picture() + tail)
        assert tail not in kept
        assert kept.endswith(b"IEND\xaeB`\x82")


@pytest.mark.parametrize(
    "data",
    [
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"\xef\xbb\xbf  <?xml version='1.0'?><!DOCTYPE svg [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><svg>&a;</svg>",
        b"<!-- a comment --><SVG onload='alert(1)'/>",
        "\ufeff<svg onload='alert(1)'/>".encode("utf-16-le"),
        b"<html><script>alert(1)</script></html>",
    ],
)
def test_what_can_contain_a_program_is_refused_with_the_reason(data: bytes) -> None:
    assert refusal(data) == str(SVG)


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png_that_claims(width: int, height: int) -> bytes:
    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(bytes(1_000_000))) + chunk(b"IEND", b"")


@pytest.mark.parametrize("size", [(60_000, 60_000), (10_000, 10_000), (3_001, 32), (2_000_000_000, 64)])
def test_a_small_file_that_claims_to_be_huge_is_refused_before_it_is_unpacked(size: tuple[int, int]) -> None:
    assert refusal(png_that_claims(*size)) == str(TOO_WIDE)


def test_notes_that_unpack_to_megabytes_are_refused() -> None:
    packed = zlib.compress(bytes(20_000_000), 9)
    data = picture()
    bomb = chunk(b"zTXt", b"note\0\0" + packed)
    assert refusal(data[:33] + bomb + data[33:]) in {str(NOT_READ), str(TOO_WIDE)}


def test_a_file_that_is_too_large_is_not_read_to_its_end() -> None:
    file = io.BytesIO(picture() + bytes(5_000_000))
    with pytest.raises(Refused, match="512 kB"):
        logo_images.read(file)
    assert file.tell() <= MOST_BYTES + 1


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"GIF89a" + bytes(100),
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + bytes(500),
        b"\xff\xd8\xff\xe0" + bytes(500),
        b"RIFF\xff\xff\xff\xffWEBPVP8 " + bytes(500),
        picture()[:60],
        picture("JPEG")[:200],
        b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 64 64\n",
        b"../../etc/passwd",
    ],
)
def test_broken_and_foreign_files_are_no_error_of_the_server(data: bytes) -> None:
    assert refusal(data) == str(NOT_READ)


@pytest.mark.parametrize("kind", ["GIF", "BMP", "TIFF", "ICO"])
def test_other_kinds_are_not_even_tried(kind: str) -> None:
    assert refusal(picture(kind)) == str(NOT_READ)


def test_a_picture_of_one_pixel_is_refused() -> None:
    assert refusal(picture(size=(1, 1))) == str(TOO_SMALL)
