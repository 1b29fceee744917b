"""Every page that a member of an organization can open, for counting and measuring."""

from __future__ import annotations

from django.utils import timezone

from organizations.models import Membership, Organization
from scheduling.models import Candidate, Interview, Schedule

# Loaded into another page by htmx.
PARTS = {"Schedule, CodeSignal dialog", "Schedule, messages", "Schedule, join links"}


def member_pages(organization: Organization) -> dict[str, str]:
    """Names of pages, and an address of each: lists as they open and searched, one row of each kind."""
    upcoming = Schedule.objects.filter(organization=organization, first_starts_at__gte=timezone.now())
    schedule = upcoming.order_by("first_starts_at", "id").first() or Schedule.objects.filter(
        organization=organization
    ).latest("id")
    candidate = Candidate.objects.filter(organization=organization, schedules=schedule).get()
    interview = Interview.objects.filter(schedule=schedule).order_by("id")[0]
    member = Membership.objects.filter(organization=organization).order_by("-id")[0]
    stage = schedule.stage
    assert stage is not None
    paths = {
        "Home": "home/",
        "Schedules": "schedules/",
        "Schedules, page 2": "schedules/?page=2",
        "Schedules, searched": "schedules/?q=Candidate",
        "New schedule": "schedules/new/",
        "New schedule with a plan": f"schedules/new/?job={stage.job_id}&stage={stage.pk}&candidate={candidate.pk}",
        "Schedule, Details": f"schedules/{schedule.pk}/",
        "Schedule, Communications": f"schedules/{schedule.pk}/communications/",
        "Schedule, CodeSignal dialog": f"schedules/{schedule.pk}/codesignal/",
        "Schedule, messages": f"schedules/{schedule.pk}/messages/",
        "Schedule, join links": f"schedules/{schedule.pk}/join-links/",
        "Schedule, History": f"schedules/{schedule.pk}/history/",
        "Edit an interview": f"interviews/{interview.pk}/edit/",
        "Candidates": "candidates/",
        "Candidates, searched": "candidates/?q=0001",
        "Candidate": f"candidates/{candidate.pk}/",
        "Jobs": "jobs/",
        "Job": f"jobs/{stage.job_id}/",
        "Settings, Organization": "settings/",
        "Settings, Members": "settings/members/",
        "Settings, Member": f"settings/members/{member.pk}/",
        "Settings, Integrations": "settings/integrations/",
        "Settings, CodeSignal": "settings/integrations/codesignal/",
        "Settings, Templates": "settings/templates/",
        "Settings, Scheduling": "settings/scheduling/",
    }
    return {name: f"/o/{organization.slug}/{path}" for name, path in paths.items()}
