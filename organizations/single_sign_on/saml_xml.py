"""Read XML that others send. Imported where SAML is used alone: lxml is a part of the extra.

A document with a DTD is refused, so there are no entities: none that read files, and none that grow (XXE, "billion
laughs"). Comments and processing instructions are refused too: programs differ in the text of an element that has one.
"""

from __future__ import annotations

from typing import Any

from lxml import etree

NAMESPACES = {
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "samlp": "urn:oasis:names:tc:SAML:2.0:protocol",
    "md": "urn:oasis:names:tc:SAML:2.0:metadata",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}


class NotXML(Exception):
    """The bytes are no XML that is read."""


def parse(data: bytes, *, allows_comments: bool = False) -> Any:
    """The root element of a document. Raises NotXML."""
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=allows_comments
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise NotXML from None
    if root.getroottree().docinfo.doctype or next(root.iter(etree.Entity), None) is not None:
        raise NotXML
    hidden = (etree.ProcessingInstruction,) if allows_comments else (etree.ProcessingInstruction, etree.Comment)
    if next(root.iter(*hidden), None) is not None:
        raise NotXML
    return root


def tag(name: str) -> str:
    """The full name of an element: `saml:Assertion` as lxml spells it."""
    prefix, _, local = name.partition(":")
    return f"{{{NAMESPACES[prefix]}}}{local}"


def children(element: Any, name: str) -> list[Any]:
    return list(element.findall(tag(name)))


def only(element: Any, name: str) -> Any:
    """The one child of a name, None where there is another number of them."""
    found = children(element, name)
    return found[0] if len(found) == 1 else None


def text(element: Any) -> str:
    """The text of an element without elements in it; "" for any other."""
    return "" if element is None or len(element) else (element.text or "").strip()
