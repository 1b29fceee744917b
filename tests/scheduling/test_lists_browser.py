"""Lists in a real browser: long names, filters in one line, notices that cover nothing, fields that fill up."""

from __future__ import annotations

from collections.abc import Sequence

import pytest
from playwright.sync_api import Locator, Page, expect

from jobs.models import InterviewPlan, Job, PlanInterview, Stage
from organizations.models import Membership
from scheduling.models import Candidate, Interview, InterviewerAssignment
from tests.browser.steps import act, dialog
from tests.browser.visitor import DESKTOP, PHONE, Visitor, show
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.allow_hosts(["127.0.0.1", "localhost"]),
]

WIDE = {"width": 1440, "height": 900}
LONG = "Wolfeschlegelsteinhausenbergerdorff" * 3 + " and his sisters"  # 121 letters, in four words
#: Badges that do not stand in the window with all of their words, or are cut by what they stand in.
CUT_BADGES = """() => [...document.querySelectorAll(".badge")].filter(badge => {
  if (!badge.checkVisibility()) return false;
  const box = badge.getBoundingClientRect();
  if (badge.scrollWidth > badge.clientWidth + 1 || box.left < 0 || box.right > innerWidth + 1) return true;
  const isCutBy = (frame) => box.right > frame.right + 1 || box.left < frame.left - 1;
  for (let outer = badge.parentElement; outer; outer = outer.parentElement) {
    if (getComputedStyle(outer).overflowX === "hidden" && isCutBy(outer.getBoundingClientRect())) return true;
  }
  return false;
}).map(badge => badge.innerText)"""


@pytest.fixture
def long_names(team: Team) -> str:
    """One schedule in which everything has a name of 120 letters; its address."""
    organization = team.organization
    organization.name = LONG[:120]
    organization.save()
    for member in (team.recruiter, team.interviewer):
        member.user.name = LONG
        member.user.save()
    job = Job.objects.create(organization=organization, title=LONG, location=LONG[:120])
    stage = Stage.objects.create(organization=organization, job=job, name=LONG[:120])
    plan = InterviewPlan.objects.create(organization=organization, stage=stage)
    PlanInterview.objects.create(organization=organization, plan=plan, name=LONG[:120], minutes=60)
    schedule = make_loop(team, LONG[:120], "M" * 120)
    schedule.candidate.name, schedule.candidate.job, schedule.candidate.stage = LONG, job, stage
    schedule.candidate.save()
    schedule.job, schedule.stage = job, stage
    schedule.save()
    integration = connect(team)
    for interview in Interview.objects.all():
        InterviewerAssignment.objects.create(interview=interview, membership=team.interviewer)
        make_link(interview, integration, "ready")
    return f"schedules/{schedule.pk}/"


def pages(schedule: str) -> Sequence[str]:
    candidate, job = f"candidates/{Candidate.objects.get().pk}/", f"jobs/{Job.objects.get().pk}/"
    return ["home/", "schedules/", schedule, f"{schedule}communications/", "candidates/", candidate, "jobs/", job]


def test_long_names_cut_no_badge(visitor: Visitor, team: Team, long_names: str) -> None:
    page = visitor.page
    for address in [*pages(long_names), f"{long_names}history/", "settings/members/"]:
        page.goto(team.url(address))
        visitor.check()
        for size in (DESKTOP, PHONE):
            show(page, size, "light")
            assert page.evaluate(CUT_BADGES) == [], (address, size)


def test_a_long_name_leaves_the_state_beside_it_whole(visitor: Visitor, team: Team, long_names: str) -> None:
    page = visitor.page
    page.goto(team.url(long_names))
    for size in (DESKTOP, PHONE):
        show(page, size, "light")
        badge = page.locator("h1 .badge")
        expect(badge).to_have_text("Scheduled")
        box, words = badge.bounding_box(), badge.locator(".text-body").bounding_box()
        assert box is not None and words is not None
        assert words["x"] + words["width"] <= box["x"] + box["width"] <= size["width"]


def one_line(page: Page) -> bool:
    """Whether all that is in the filter bar ends at one height."""
    ends = page.evaluate(
        """() => [...document.querySelectorAll('.filter-bar > div')].filter(part => part.checkVisibility())
          .map(part => part.getBoundingClientRect().bottom)"""
    )
    return len(ends) > 1 and max(ends) - min(ends) < 2


def test_filters_stay_in_one_line_and_the_list_in_its_place(visitor: Visitor, team: Team, long_names: str) -> None:
    page = visitor.page
    page.set_viewport_size(WIDE)  # type: ignore[arg-type]
    job, stage = Job.objects.get().pk, Stage.objects.get().pk
    for address, query in (
        ("schedules/", f"?q=wolf&job={job}&stage={stage}&state=scheduled"),
        ("candidates/", f"?q=wolf&job={job}"),
        ("settings/security/", "?q=a&about=jobs"),
    ):
        tops = []
        for asked in ("", query):
            page.goto(team.url(address) + asked)
            wraps = page.locator(".filter-bar.filter-wraps").count() == 1  # it has more than a line
            assert wraps or one_line(page), (address, asked)
            below = page.locator(".filter-bar").evaluate("bar => bar.getBoundingClientRect().bottom")
            tops.append(below)
        assert tops[0] == tops[1], address
        expect(page.get_by_role("link", name="Clear filter").first).to_be_visible()
        page.goto(team.url(address))
        expect(page.get_by_role("link", name="Clear filter")).to_have_count(0)


def test_join_links_are_read_on_a_phone(visitor: Visitor, team: Team, long_names: str) -> None:
    page = visitor.page
    page.set_viewport_size(PHONE)  # type: ignore[arg-type]
    page.goto(team.url(f"{long_names}communications/"))
    section = page.get_by_role("region", name="Join links")
    section.get_by_role("heading", name="Join links").click()
    section.scroll_into_view_if_needed()
    assert section.evaluate("part => part.scrollWidth <= part.clientWidth")
    for button in section.get_by_role("button").all():
        box = button.bounding_box()
        assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= PHONE["width"]


# --- Notices -------------------------------------------------------------------------------------


def overlaps(one: Locator, others: Locator) -> list[str]:
    """The texts of those among `others` that `one` covers."""
    a = one.bounding_box()
    assert a is not None
    found = []
    for other in others.all():
        b = other.bounding_box()
        if b is None:
            continue
        beside = a["x"] >= b["x"] + b["width"] or b["x"] >= a["x"] + a["width"]
        apart = a["y"] >= b["y"] + b["height"] or b["y"] >= a["y"] + a["height"]
        if not beside and not apart:
            found.append(other.inner_text())
    return found


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_notice_covers_no_button_of_the_last_row(visitor: Visitor, team: Team, size: dict[str, int]) -> None:
    page = visitor.page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    job = Job.objects.create(organization=team.organization, title="Baker")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    plan = InterviewPlan.objects.create(organization=team.organization, stage=stage)
    for number in range(9):
        PlanInterview.objects.create(
            organization=team.organization, plan=plan, name=f"Talk {number}", minutes=60, position=number
        )
    page.goto(team.url(f"jobs/{job.pk}/"))
    act(page, "Talk 8", "Move up")
    toast = page.get_by_role("status").locator(".toast")
    expect(toast).to_contain_text("is now number 8")
    page.evaluate("() => scrollTo(0, document.documentElement.scrollHeight)")
    controls = page.locator("main").locator("button:visible, a:visible, input:visible")
    assert controls.count() > 20
    assert overlaps(toast, controls) == []
    # What lies below it anywhere else can still be clicked.
    assert toast.evaluate("toast => getComputedStyle(toast.parentElement).pointerEvents") == "none"


@pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
def test_a_notice_covers_no_button_of_a_dialog(
    visitor: Visitor, team: Team, long_names: str, size: dict[str, int]
) -> None:
    page = visitor.page
    page.set_viewport_size(size)  # type: ignore[arg-type]
    page.goto(team.url(f"{long_names}communications/?open=codesignal"))
    dialog(page).get_by_role("button", name="Copy", exact=True).first.click()
    toast = page.get_by_role("status").locator(".toast")
    expect(toast).to_contain_text("Copied.")
    controls = dialog(page).locator(".modal-footer button, .modal-header button")
    assert controls.count() >= 2
    assert overlaps(toast, controls) == []
    assert overlaps(toast, dialog(page).locator(".modal-content")) == []
    toast.get_by_role("button", name="Close").click()
    expect(toast).to_have_count(0)
    assert page.evaluate("() => document.documentElement.style.getPropertyValue('--toast-room')") == "0px"


# --- Fields --------------------------------------------------------------------------------------


def test_a_name_says_when_it_is_nearly_full(visitor: Visitor, team: Team) -> None:
    page = visitor.page
    job = Job.objects.create(organization=team.organization, title="Baker")
    stage = Stage.objects.create(organization=team.organization, job=job, name="On site")
    InterviewPlan.objects.create(organization=team.organization, stage=stage)
    page.goto(team.url(f"jobs/{job.pk}/"))
    name = page.get_by_label("Interview name")
    hint = page.locator(".plan-line").get_by_role("status")
    name.fill("x" * 99)
    expect(hint).to_have_count(0)
    name.fill("x" * 101)
    expect(hint).to_have_text("19 characters left")
    name.press_sequentially("x" * 25)
    expect(hint).to_have_text("Limit reached: 120 characters")
    assert len(name.input_value()) == 120
    visitor.check()
    name.fill("Talk")
    expect(hint).to_have_count(0)


def test_an_interviewer_finds_own_times_and_what_is_over(visitor: Visitor, team: Team) -> None:
    loop = make_loop(team, "Intro", "Coding")
    InterviewerAssignment.objects.create(interview=loop.interviews.get(name="Coding"), membership=team.interviewer)
    over = make_loop(team, "Long ago", hours_ahead=-72)
    over.candidate.name = "Grace Lin"
    over.candidate.save()
    page = visitor.page
    page.goto(team.url("schedules/"))
    expect(page.get_by_role("link", name="Ada Osei")).to_be_visible()
    expect(page.get_by_role("link", name="Grace Lin")).to_have_count(0)
    page.get_by_role("link", name="Past", exact=True).click()
    expect(page.get_by_role("row").filter(has_text="Grace Lin")).to_contain_text("Done")
    visitor.check()
    page.get_by_label("State", exact=True).select_option("Scheduled")
    expect(page.get_by_role("link", name="Ada Osei")).to_be_visible()
    expect(page.get_by_role("link", name="Upcoming", exact=True)).to_have_attribute("aria-current", "page")
    Membership.objects.filter(pk=team.recruiter.pk).update(role="interviewer")
    InterviewerAssignment.objects.update(membership=team.recruiter)
    page.goto(team.url("schedules/"))
    expect(page.get_by_role("columnheader", name="Your interview")).to_be_visible()
