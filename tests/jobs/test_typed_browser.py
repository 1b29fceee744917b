"""Plans are typed one name after another, pasted, and copied, with the clicks counted that it takes."""

from __future__ import annotations

from playwright.sync_api import Page, expect

from jobs.models import Job, PlanInterview, Stage
from tests.browser.steps import SWITCH, act, dialog, planned
from tests.browser.visitor import Visitor
from tests.chromium import IN_BROWSER
from tests.conftest import Team
from tests.jobs.rows import connect, make_job, make_stage, order_of

pytestmark = IN_BROWSER

COUNT = """() => {
  const count = () => Number(sessionStorage.getItem("clicks"));
  addEventListener("pointerdown", () => sessionStorage.setItem("clicks", count() + 1), true);
}"""


def count_clicks(page: Page) -> None:
    """Count every press of the mouse in this window from now on, also on the pages that follow."""
    page.context.add_init_script(f"({COUNT})()")
    page.reload()
    page.evaluate("() => sessionStorage.removeItem('clicks')")


def clicks_of(page: Page) -> int:
    return int(page.evaluate("() => Number(sessionStorage.getItem('clicks'))"))


def type_interview(page: Page, name: str, *, has_code: bool = False) -> None:
    """Type where the keyboard is, and add with Enter; the field is empty again, and has the keyboard."""
    page.keyboard.type(name)
    if has_code:
        page.locator(".plan-line:focus-within .plan-switch").click()
    page.keyboard.press("Enter")
    expect(planned(page, name)).to_be_visible()
    expect(page.locator("[name='name']:focus")).to_have_value("")


def test_a_job_of_two_stages_and_five_interviews_takes_six_clicks(visitor: Visitor, team: Team) -> None:
    connect(team)
    page = visitor.page
    page.goto(team.url("jobs/"))
    count_clicks(page)
    page.get_by_role("link", name="New job").click()
    expect(dialog(page).get_by_label("Title")).to_be_focused()
    page.keyboard.type("Backend Engineer")
    page.keyboard.press("Enter")
    expect(page.get_by_label("Stage name")).to_be_focused()
    for name in ("Phone screen", "Onsite loop"):
        page.keyboard.type(name)
        page.keyboard.press("Enter")
        expect(page.get_by_role("region", name=name)).to_be_visible()
        expect(page.get_by_label("Stage name")).to_be_focused()
        expect(page.get_by_label("Stage name")).to_have_value("")
    for stage, interviews in (
        ("Phone screen", {"Introduction": False, "Coding: warm-up": True}),
        ("Onsite loop", {"Coding: algorithms": True, "Coding: debugging": True, "System design": False}),
    ):
        page.get_by_role("region", name=stage).get_by_label("Interview name").click()
        for name, has_code in interviews.items():
            type_interview(page, name, has_code=has_code)
    clicks = clicks_of(page)
    assert clicks == 6
    job = Job.objects.get()
    assert [stage.name for stage in job.stages.all()] == ["Phone screen", "Onsite loop"]
    made = PlanInterview.objects.order_by("plan__stage__position", "position").values_list(
        "name", "link_tool", "minutes"
    )
    assert list(made) == [
        ("Introduction", "", 60),
        ("Coding: warm-up", "codesignal", 60),
        ("Coding: algorithms", "codesignal", 60),
        ("Coding: debugging", "codesignal", 60),
        ("System design", "", 60),
    ]
    expect(planned(page, "Coding: debugging").get_by_role("button", name=SWITCH, pressed=True)).to_be_visible()
    visitor.check()


def test_a_line_is_filled_in_by_keyboard_alone(visitor: Visitor, team: Team) -> None:
    connect(team)
    stage = make_stage(make_job(team))
    page = visitor.page
    page.goto(team.url(f"jobs/{stage.job_id}/"))
    page.get_by_label("Interview name").focus()
    page.keyboard.type("Coding")
    page.keyboard.press("Tab")
    page.keyboard.type("45")
    page.keyboard.press("Tab")
    page.keyboard.press("Space")
    page.keyboard.press("Enter")
    expect(planned(page, "Coding")).to_contain_text("45 minutes")
    expect(page.get_by_label("Interview name")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_text("Enter a name, such as “System design”.")).to_be_visible()
    expect(page.get_by_label("Interview name")).to_be_focused()
    visitor.check()
    assert list(PlanInterview.objects.values_list("name", "minutes", "link_tool")) == [("Coding", 45, "codesignal")]


def test_what_is_typed_in_one_line_stays_while_another_is_added(visitor: Visitor, team: Team) -> None:
    stage = make_stage(make_job(team), "Phone")
    page = visitor.page
    page.goto(team.url(f"jobs/{stage.job_id}/"))
    page.get_by_label("Interview name").fill("Half a na")
    page.get_by_label("Stage name").fill("On site")
    page.get_by_label("Stage name").press("Enter")
    expect(page.get_by_role("heading", name="On site")).to_be_visible()
    expect(page.get_by_role("region", name="Phone").get_by_label("Interview name")).to_have_value("Half a na")
    expect(page.get_by_label("Stage name")).to_have_value("")


def test_pasted_lines_are_added_at_once(visitor: Visitor, team: Team) -> None:
    stage = make_stage(make_job(team))
    page = visitor.page
    page.goto(team.url(f"jobs/{stage.job_id}/"))
    page.evaluate("() => navigator.clipboard.writeText('Coding 90\\n\\nSystem design\\nLunch, 45 min\\n')")
    page.get_by_label("Interview name").focus()
    page.keyboard.press("Control+V")
    expect(page.get_by_role("status").get_by_text("3 interviews added.")).to_be_visible()
    expect(page.get_by_label("Interview name")).to_be_focused()
    assert order_of(stage) == ["Coding", "System design", "Lunch"]
    # One line is text like any other.
    page.evaluate("() => navigator.clipboard.writeText('Talk\\n')")
    page.keyboard.press("Control+V")
    expect(page.get_by_label("Interview name")).to_have_value("Talk")


def test_a_job_is_copied_with_three_clicks(visitor: Visitor, team: Team) -> None:
    connect(team)
    job = make_job(team, "Backend Engineer")
    make_stage(job, "Onsite loop", interviews=["Coding", "System design"])
    PlanInterview.objects.filter(name="Coding").update(link_tool="codesignal", template_id="t1", template_name="Graphs")
    page = visitor.page
    page.goto(team.url("jobs/"))
    count_clicks(page)
    act(page, "Backend Engineer", "Duplicate")
    title = dialog(page).get_by_label("Title")
    expect(title).to_be_focused()
    assert title.evaluate("field => field.selectionEnd - field.selectionStart") == len("Backend Engineer (copy)")
    visitor.check()
    page.keyboard.type("Data Engineer")
    dialog(page).get_by_role("button", name="Duplicate", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Data Engineer")
    clicks = clicks_of(page)
    assert clicks == 3
    expect(page.get_by_role("alert").first).to_contain_text("created with the plan of")
    expect(planned(page, "Coding")).to_contain_text("Graphs")
    act(page, "Onsite loop", "Duplicate")
    expect(page.locator("#stages h2")).to_have_text(["Onsite loop", "Onsite loop (copy)"])
    expect(page.get_by_role("button", name="Actions for Onsite loop (copy)")).to_be_focused()
    assert Stage.objects.filter(job__title="Data Engineer").count() == 2
