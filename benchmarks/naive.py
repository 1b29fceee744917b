"""The baseline for pages: a list of schedules as a first Django view has it, with a query for each name it shows.

The same rows, database and web server as the product's; no sign-in, no permissions, no design. Nothing of it is part of
the product: `benchmarks.naive_settings` has its address.
"""

from __future__ import annotations

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.template import Context, Engine
from django.urls import path

from organizations.models import Organization
from scheduling.models import Schedule

PAGE = """<!doctype html><title>Schedules</title><p>{{ page.paginator.count }} schedules</p><table>
{% for schedule in page %}<tr><td>{{ schedule.candidate.name }}</td><td>{{ schedule.candidate.email }}</td>
<td>{{ schedule.job.title }}</td><td>{{ schedule.stage.name }}</td><td>{{ schedule.first_starts_at }}</td>
<td>{% for interview in schedule.interviews.all %}{{ interview.name }} {{ interview.starts_at }}
{% for member in interview.interviewers.all %}{{ member.user.name }}{% endfor %}
{% for link in interview.coding_links.all %}{{ link.integration.company_name }} {{ link.get_state_display }}
{% endfor %}{% endfor %}</td></tr>{% endfor %}</table>"""
_template = Engine().from_string(PAGE)


def schedules(request: HttpRequest, slug: str) -> HttpResponse:
    """A page of fifty, newest first, or of those whose candidate is found by name."""
    rows = Schedule.objects.filter(organization=Organization.objects.get(slug=slug))
    if words := request.GET.get("q"):
        rows = rows.filter(candidate__name__icontains=words)
    page = Paginator(rows, 50).get_page(request.GET.get("page"))
    return HttpResponse(_template.render(Context({"page": page})))


urlpatterns = [path("naive/<slug:slug>/", schedules)]
