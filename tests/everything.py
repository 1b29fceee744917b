"""One row of every model, for tests of what holds for all of them."""

from __future__ import annotations

from datetime import date, timedelta

from django.db import models
from django.utils import timezone

from integrations.models import CalendarCheck, CalendarConnection, IntegrationDay, KeyCheck, MeetingServer
from jobs.models import InterviewPlan, Job, JobCoordinator, PlanInterview, Stage
from organizations import invitations
from organizations.audit import record
from organizations.models import (
    Attempt,
    DayOff,
    Directory,
    DirectoryGroup,
    DirectoryToken,
    DirectoryUser,
    Domain,
    GroupRole,
    Heartbeat,
    IdentityProvider,
    Logo,
    SavedFilter,
    Session,
    SignOnAnswer,
    Submission,
)
from scheduling.models import (
    AnswerMailbox,
    CalendarEntry,
    CalendarEvent,
    CalendarTime,
    CalendarWords,
    CandidateImport,
    ChangeReason,
    ColumnMatch,
    FormDraft,
    InterviewerAssignment,
    JoinLink,
    LinkEvent,
    LinkRun,
    LinkRunItem,
    MailAnswer,
    MailNote,
    MemberCalendar,
    Message,
    MessageTemplate,
    Room,
    VendorEvent,
    VendorSnapshot,
)
from tests.conftest import Team
from tests.scheduling.loops import connect, make_link, make_loop

Rows = dict[type[models.Model], models.Model]

API_KEY = "key-that-nobody-may-read"
SESSION = "secret-that-nobody-may-read"
JOIN_TOKEN = "token-that-nobody-may-read"


def one_of_each(team: Team) -> Rows:
    """Make one row of every model, by model. The organization and its people are those of `team`."""
    here, now = team.organization, timezone.now()
    schedule = make_loop(team, "Coding")
    interview = schedule.interviews.get()
    integration = connect(team, api_key=API_KEY)
    link = make_link(interview, integration, "ready")
    job = Job.objects.create(organization=here, title="Baker")
    stage = Stage.objects.create(organization=here, job=job, name="On site")
    plan = InterviewPlan.objects.create(organization=here, stage=stage)
    run = LinkRun.objects.create(
        organization=here, job=job, state="done", total=1, due_at=None, started_by=team.recruiter.user
    )
    message = {"organization": here, "schedule": schedule, "audience": "candidate"}
    connection = CalendarConnection.objects.create(organization=here, kind="google", credentials=API_KEY)
    calendar = MemberCalendar.objects.create(
        organization=here, connection=connection, membership=team.interviewer, external_id="main"
    )
    provider = IdentityProvider.objects.create(
        organization=here, issuer=f"https://login.{here.slug}.example", client_id="panelist", client_secret=API_KEY
    )
    entry = CalendarEntry.objects.create(**message, uid=f"1@{here.slug}.example")
    rows: list[models.Model] = [
        here,
        team.admin,
        team.admin.user,
        DayOff.objects.create(membership=team.interviewer, day=date(2027, 5, 3)),
        Logo.objects.create(organization=here, picture=b"a picture"),
        SavedFilter.objects.create(membership=team.recruiter, page="schedules", name="My open loops"),
        Submission.objects.create(key=f"{here.pk:064}"),
        Heartbeat.objects.update_or_create(pk=Heartbeat.ONLY, defaults={"at": now})[0],
        Session.objects.create(key=f"{SESSION}-{here.pk}", data=SESSION, ends_at=now + timedelta(days=1)),
        Attempt.objects.create(kind=Attempt.Kind.SIGN_IN, account="0" * 64, place="1" * 64),
        invitations.invite(
            organization=here, email=f"new@{here.slug}.example", role="recruiter", actor=team.admin.user
        ),
        Directory.objects.create(organization=here),
        DirectoryToken.objects.create(organization=here, prefix="scim_abcdef", token_hash=f"{here.pk:064}"),
        DirectoryUser.objects.create(organization=here, user_name="somebody"),
        DirectoryGroup.objects.create(organization=here, name="Recruiting"),
        GroupRole.objects.create(organization=here, group="Recruiting", role="recruiter"),
        provider,
        SignOnAnswer.objects.create(
            provider=provider,
            assertion="0" * 64,
            token=f"{here.pk:064}",
            answers_to="1" * 64,
            claims=API_KEY,
            until=now,
        ),
        Domain.objects.create(organization=here, name=f"{here.slug}.example", token=f"proof-{here.slug}"),
        record(organization=here, actor=None, action="job.created", subject=job, detail={"job": "Baker"}),
        integration,
        IntegrationDay.objects.create(organization=here, integration=integration, day=now.date(), made=1),
        KeyCheck.objects.create(organization=here, kind="codesignal", asked_by=team.admin.user, api_key=API_KEY),
        connection,
        MeetingServer.objects.create(
            organization=here, kind="jitsi", host="https://meet.acme.example", app_id="panelist", secret=API_KEY
        ),
        CalendarCheck.objects.create(organization=here, kind="google", asked_by=team.admin.user, credentials=API_KEY),
        calendar,
        CalendarTime.objects.create(
            organization=here,
            calendar=calendar,
            membership=team.interviewer,
            key="0" * 64,
            starts_at=now,
            ends_at=now + timedelta(hours=1),
        ),
        CalendarEvent.objects.create(
            organization=here,
            interview=interview,
            membership=team.interviewer,
            calendar=calendar,
            our_id="0" * 32,
            comment=JOIN_TOKEN,
        ),
        CalendarWords.objects.create(organization=here, soft="focus"),
        Room.objects.create(organization=here, connection=connection, external_id="room", name="Aurora", is_on=True),
        job,
        stage,
        plan,
        PlanInterview.objects.create(organization=here, plan=plan, name="Coding", minutes=60),
        JobCoordinator.objects.create(job=job, membership=team.interviewer),
        schedule.candidate,
        schedule,
        interview,
        InterviewerAssignment.objects.create(interview=interview, membership=team.interviewer),
        ChangeReason.objects.create(organization=here, text="Snow"),
        link,
        LinkEvent.objects.create(link=link, from_state="pending", to_state="ready", code="made"),
        run,
        LinkRunItem.objects.create(run=run, interview=interview, link=link),
        VendorSnapshot.objects.create(integration=integration, candidate_key=link.candidate_key, taken_at=now),
        FormDraft.objects.create(
            organization=here, membership=team.recruiter, page="schedule-new", sequence=1, content=JOIN_TOKEN
        ),
        VendorEvent.objects.create(integration=integration, event="liveInterviewFinished", triggered_at=now),
        JoinLink.objects.create(organization=here, interview=interview, token_hash=f"{here.pk:064}", token=JOIN_TOKEN),
        Message.objects.create(
            **message,
            kind="candidate_invitation",
            subject="Hello",
            text=JOIN_TOKEN,
            html=JOIN_TOKEN,
            calendar=[JOIN_TOKEN],
        ),
        MessageTemplate.objects.create(organization=here, kind="candidate_invitation", subject="Hello", body="Hello"),
        entry,
        MailAnswer.objects.create(
            organization=here, schedule=schedule, entry=entry, token_hash=f"{here.pk:064}", token=JOIN_TOKEN
        ),
        MailNote.objects.create(
            organization=here, schedule=schedule, message_hash="0" * 64, text=JOIN_TOKEN, received_at=now
        ),
        AnswerMailbox.objects.create(key=f"{here.pk:064}"),
        CandidateImport.objects.create(organization=here, uploaded_by=team.admin.user, rows=[]),
        ColumnMatch.objects.create(organization=here, kind="some", fields={"mail#1": "email"}),
    ]
    return {type(row): row for row in rows}
