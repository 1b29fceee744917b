"""The content of the demo organization: names, plans and times. All people and addresses are invented."""

from __future__ import annotations

from dataclasses import dataclass

TIME_ZONE = "Europe/Berlin"
PASSWORD = "demo"  # noqa: S105 - printed by `make demo`, and refused by `make run`
MEETING = "https://meet.example.com/{number}"
#: The stand-in's rooms that can be booked, the usual one first.
ROOMS_ON = tuple(f"{name}@resource.calendar.google.com" for name in ("aurora", "borealis", "corona"))


@dataclass(frozen=True)
class DemoMember:
    email: str
    name: str
    role: str
    zone: str
    signs_in: bool = False


@dataclass(frozen=True)
class DemoInterview:
    """An interview of a plan. `in_room`: on site, in a room, where rooms are connected."""

    name: str
    minutes: int
    interviewers: int = 1
    kind: str = "video"
    in_room: bool = False


PEOPLE = (
    DemoMember("admin@example.com", "Alex Morgan", "admin", "Europe/Berlin", signs_in=True),
    DemoMember("recruiter@example.com", "Robin Becker", "recruiter", "Europe/Berlin", signs_in=True),
    DemoMember("interviewer@example.com", "Ines Duarte", "interviewer", "Europe/Lisbon", signs_in=True),
    DemoMember("marek.novak@example.com", "Marek Novák", "interviewer", "Europe/Prague"),
    DemoMember("grace.okafor@example.com", "Grace Okafor", "interviewer", "Europe/London"),
    DemoMember("dana.whitfield@example.com", "Dana Whitfield", "interviewer", "America/New_York"),
    DemoMember("luis.ortega@example.com", "Luis Ortega", "interviewer", "America/Los_Angeles"),
    DemoMember("priya.raman@example.com", "Priya Raman", "interviewer", "Asia/Kolkata"),
    DemoMember("kenji.sato@example.com", "Kenji Sato", "interviewer", "Asia/Tokyo"),
)

# title, location, ((stage, its interviews in order), ...)
JOBS: tuple[tuple[str, str, tuple[tuple[str, tuple[DemoInterview, ...]], ...]], ...] = (
    (
        "Backend Engineer",
        "Berlin",
        (
            ("Phone screen", (DemoInterview("Recruiter call", 30, kind="phone"),)),
            ("Technical screen", (DemoInterview("Live coding", 60),)),
            (
                "Onsite loop",
                (
                    DemoInterview("Coding: data structures", 60, in_room=True),
                    DemoInterview("Coding: debugging", 60, in_room=True),
                    DemoInterview("System design", 60, interviewers=2, in_room=True),
                    DemoInterview("Hiring manager", 45, in_room=True),
                ),
            ),
        ),
    ),
    (
        "Frontend Engineer",
        "Remote",
        (
            ("Technical screen", (DemoInterview("Live coding: user interfaces", 60),)),
            (
                "Final loop",
                (
                    DemoInterview("Coding: components", 75),
                    DemoInterview("Accessibility and design", 45, interviewers=2),
                    DemoInterview("Team conversation", 45),
                ),
            ),
        ),
    ),
    (
        "Data Scientist",
        "London",
        (
            ("First conversation", (DemoInterview("Recruiter call", 30, kind="phone"),)),
            (
                "Loop",
                (
                    DemoInterview("Coding: SQL and Python", 60),
                    DemoInterview("Case study", 60, interviewers=2),
                    DemoInterview("Stakeholders", 30),
                ),
            ),
        ),
    ),
)

# name, e-mail, phone, zone, job, stage. One has no e-mail address, two share one, one has a very long name.
CANDIDATES = (
    ("Amina Haddad", "amina.haddad@example.org", "+49 30 5550101", "Europe/Berlin", "Backend Engineer", "Onsite loop"),
    ("Tomás Rivera", "tomas.rivera@example.org", "", "Europe/Madrid", "Backend Engineer", "Technical screen"),
    ("Chloe Bennett", "chloe.bennett@example.org", "+44 20 5550102", "Europe/London", "Data Scientist", "Loop"),
    ("Noah Lindqvist", "noah.lindqvist@example.org", "", "Europe/Stockholm", "Frontend Engineer", "Final loop"),
    ("Sakura Tanaka", "sakura.tanaka@example.org", "", "Asia/Tokyo", "Frontend Engineer", "Technical screen"),
    ("Emeka Balogun", "emeka.balogun@example.org", "", "Africa/Lagos", "Backend Engineer", "Onsite loop"),
    ("Hannah Fischer", "", "+49 89 5550103", "Europe/Berlin", "Backend Engineer", "Phone screen"),
    ("Jordan Lee", "the.lees@example.org", "", "America/Chicago", "Data Scientist", "First conversation"),
    ("Casey Lee", "the.lees@example.org", "", "America/Chicago", "Frontend Engineer", "Technical screen"),
    (
        "Maria Fernanda Guadalupe de la Concepción Villanueva-Echeverría y Montenegro",
        "mf.villanueva@example.org",
        "",
        "America/Mexico_City",
        "Data Scientist",
        "Loop",
    ),
    ("Rohan Mehta", "rohan.mehta@example.org", "", "Asia/Kolkata", "Backend Engineer", "Technical screen"),
    ("Sofia Petrova", "sofia.petrova@example.org", "", "Europe/Sofia", "Frontend Engineer", "Final loop"),
)

# candidate, job, stage, working days from today, hour in the organization's zone. Today's begins within the hour
# instead, at whatever hour the demo is made, and one of those who sign in interviews. The last one is so far away that
# a coding link made today would be dead on the day.
SCHEDULES = (
    ("Sofia Petrova", "Frontend Engineer", "Technical screen", -12, 10),
    ("Amina Haddad", "Backend Engineer", "Technical screen", -7, 14),
    ("Chloe Bennett", "Data Scientist", "First conversation", -3, 11),
    ("Tomás Rivera", "Backend Engineer", "Technical screen", 0, 16),
    ("Amina Haddad", "Backend Engineer", "Onsite loop", 1, 10),
    ("Noah Lindqvist", "Frontend Engineer", "Final loop", 2, 13),
    ("Hannah Fischer", "Backend Engineer", "Phone screen", 3, 9),
    ("Chloe Bennett", "Data Scientist", "Loop", 4, 10),
    ("Emeka Balogun", "Backend Engineer", "Onsite loop", 18, 11),
)
