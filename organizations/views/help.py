"""Help: the pages of `docs/` inside the product, for every member."""

from __future__ import annotations

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from organizations.access import AccessRequest, allowed
from organizations.help_pages import FILES, article
from organizations.permissions import Permission


@allowed(Permission.OWN_PROFILE)
@require_GET
def help_page(request: AccessRequest, page: str = "") -> HttpResponse:
    """Show one page; without a name, the first one."""
    if page not in FILES:
        raise Http404

    def address_of(name: str) -> str:
        here = {"organization": request.access.organization.slug}
        return reverse("help-page", kwargs=here | {"page": name}) if name else reverse("help", kwargs=here)

    pages = [(address_of(name), title, name == page) for name, (_file, title) in FILES.items()]
    context = {"article": article(page, address_of), "title": FILES[page][1], "pages": pages}
    return render(request, "organizations/help.html", context)
