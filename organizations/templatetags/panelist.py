"""Template tags and filters for all pages."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from datetime import datetime
from typing import Any

from django import template
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString

from organizations import addresses, branding, zones
from organizations.alike import drawn_alike
from organizations.drawn import drawn_heads
from organizations.icons import icon
from organizations.lists import Head
from organizations.models import Organization, SavedFilter
from organizations.once import FIELD, new_token
from organizations.saved_filters import of as saved_filters_of
from organizations.sessions import why_over

register = template.Library()

register.simple_tag(icon)

_ALERT_ICONS = {"warning": "alert-triangle", "danger": "alert-circle", "info": "info-circle"}


@register.simple_block_tag
def alert(content: str, severity: str, *, icon: str = "", css: str = "", role: str = "") -> str:
    """Draw the content between `{% alert "warning" %}` and `{% endalert %}` in a coloured box with an icon."""
    context = {"severity": severity, "icon": icon or _ALERT_ICONS[severity], "css": css, "role": role}
    return render_to_string("partials/alert.html", context | {"content": content})


@register.simple_block_tag
def list_empty(content: str, title: str, *, icon: str = "") -> str:
    """The panel in place of a list without entries; between the tags are the words and buttons of the next step."""
    return render_to_string("partials/list_empty.html", {"icon": icon, "title": title, "content": content})


@register.simple_block_tag
def dialog_header(content: str) -> str:
    """The head of a dialog, around its title, with the button that closes it."""
    return render_to_string("partials/dialog_header.html", {"title": content})


@register.inclusion_tag("partials/badge.html")
def badge(icon: str, severity: str, text: str, css: str = "", icon_css: str = "") -> dict[str, str]:
    """A state: an icon in its colour, and its word."""
    return {"icon": icon, "severity": severity, "text": text, "css": css, "icon_css": icon_css}


@register.simple_tag
def alike(name: str, **made_of: Hashable) -> SafeString:
    """Render the template of this name with `made_of` and nothing else of the page, once for all pages alike in it."""
    return drawn_alike(name, **made_of)


@register.simple_tag(takes_context=True)
def opens_dialog(context: template.Context, name: str, *, link: bool = False, **ids: Any) -> SafeString:
    """The attributes of a button that opens the page `name` of the organization as a dialog.

    A `link` also works without scripts: it leads to the page.
    """
    address = reverse(name, kwargs={"organization": context["organization"].slug, **ids})
    attributes = format_html('hx-get="{}" hx-target="#dialog-content"', address)
    return format_html('href="{}" {}', address, attributes) if link else attributes


@register.simple_tag(takes_context=True)
def polls(context: template.Context, name: str, seconds: float, *, query: str = "", **ids: Any) -> SafeString:
    """The attributes of a part that exchanges itself with the page `name`, until an answer comes without them.

    `seconds` lie between two questions at the beginning; see static/js/progress.js. `query` ends the address.
    """
    if "organization" in context:
        ids["organization"] = context["organization"].slug
    address = reverse(name, kwargs=ids) + (f"?{query}" if query else "")
    return format_html(
        'data-busy data-poll="{}" hx-get="{}" hx-trigger="poll" hx-target="this" hx-swap="outerHTML" hx-disinherit="*"',
        seconds,
        address,
    )


@register.simple_tag(takes_context=True)
def saved_filters(context: template.Context, page: str) -> list[SavedFilter]:
    """The reader's saved filters of the list at the address of this name."""
    return saved_filters_of(context["access"].membership, page)


@register.simple_tag(takes_context=True)
def list_heads(context: template.Context, heads: Iterable[Head]) -> SafeString:
    """The heads of a list. One that sorts is a link to the page's own address in another order, from its first row."""
    return drawn_heads(heads, context["request"].GET)


@register.filter
def logo_path(organization: Organization) -> str:
    """Address of an organization's logo, "" without one."""
    return branding.logo_path(organization)


@register.simple_tag(takes_context=True)
def accent_stylesheet(context: template.Context) -> SafeString:
    """The link to the rules by which what is `.branded` has the accent of the page's organization.

    Nothing without an accent, and on pages of visitors that look like no organization (`brand_of`).
    """
    organization = context.get("brand_of") or context.get("organization")
    if not isinstance(organization, Organization) or not organization.accent:
        return SafeString("")
    address = reverse("accent", kwargs={"colour": branding.accent_of(organization).chosen.removeprefix("#")})
    return format_html('<link rel="stylesheet" href="{}">', address)


@register.filter
def readable(address: str) -> str:
    """An e-mail address as a person writes it: `ada@straße.example`."""
    return addresses.readable(address or "")


@register.filter
def initials(name: str) -> str:
    """The first letters of the first and the last word of a name, for the round picture beside it."""
    words = [word for word in name.split() if word[0].isalnum()] or name.split()
    return "".join(word[0].upper() for word in words[:1] + words[1:][-1:])


@register.inclusion_tag("organizations/_session_over.html", takes_context=True)
def session_over(context: template.Context) -> dict[str, str]:
    """Say on a page for signing in why the visitor's last session is over, where it is known."""
    return {"why": why_over(context["request"])}


@register.simple_tag
def once() -> SafeString:
    """The hidden field by which a form that creates is done once; for views wrapped in `organizations.once`."""
    return format_html('<input type="hidden" name="{}" value="{}">', FIELD, new_token())


@register.filter
def zone_label(name: str) -> str:
    """A time zone by its city and offset now: `Berlin (GMT+1)`."""
    return zones.label(name) if name else ""


@register.filter
def zone_at(moment: datetime) -> str:
    """The reader's time zone by its city and offset at a moment: `Berlin (GMT+2)` for one in summer."""
    return zones.label(timezone.get_current_timezone_name(), moment)


@register.filter
def zone_city(name: str) -> str:
    """A time zone by its city alone, where its offset stands elsewhere or changes: `Berlin`."""
    return zones.city(name)


@register.simple_tag(takes_context=True)
def current(context: template.Context, *names: str) -> bool:
    """True on pages whose address name is one of `names`; used to mark the place in a navigation."""
    match = getattr(context.get("request"), "resolver_match", None)
    return match is not None and match.url_name in names


@register.simple_tag(takes_context=True)
def mail_button(context: template.Context, address: str, label: str) -> str:
    """Write an address in the text of a mail; in its HTML a button with this label stands for it."""
    context["buttons"][address] = label
    return address
