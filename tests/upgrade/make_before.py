"""Write `before.json.gz`: the rows of an installation of the version before django-allauth, made by its own code.

Runs in a checkout of that version with its own environment, once; the result is kept beside this file.

    git worktree add --detach ../before 4a9000a && cd ../before && make lint
    .venv/bin/python <this file> <folder of before.json.gz>

The file has {"known": secrets that people hold, "tables": {table: [columns, *rows]}}. All of its keys and passwords are
invented for it. Bytes are written as {"base64": ...}.
"""

from __future__ import annotations

import base64
import gzip
import json
import os
import sys
import tempfile
from datetime import date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import time_machine

#: As in tests/settings.py of either version, and the key that they have as KEY_OF_BEFORE.
os.environ |= {
    "PANELIST_IGNORE_DOTENV": "1",
    "SECRET_KEY": "only-for-tests-of-panelist",
    "FERNET_KEYS": "dGVzdHMta2V5LW9mLXRoZS12ZXJzaW9uLWJlZm9yZS0=",
    "DATA_DIR": tempfile.mkdtemp(),
    "BASE_URL": "http://testserver",
    "ALLOWED_HOSTS": "testserver",
    "CODESIGNAL_API_URL": "http://127.0.0.1:9/graphql",
    "EMAIL_URL": "memorymail://",
    "DJANGO_SETTINGS_MODULE": "config.settings",
}
sys.path.insert(0, str(Path.cwd()))

NOON = datetime.fromisoformat("2026-11-20T12:00:00+00:00")
#: Made anew by `migrate`, or of no meaning in another database.
LEFT_OUT = {"django_migrations", "django_content_type", "auth_permission", "django_admin_log", "sqlite_sequence"}
PASSWORD = "an-old-password-7"


def fill() -> dict[str, Any]:
    """Make the rows through pages and services; return what people hold: cookies, links, secrets."""
    from django.core import mail
    from django.test import Client

    from integrations.models import Integration
    from organizations import invitations
    from organizations.models import Invitation, Membership, Organization, User
    from scheduling.models import CodingLink, Interview, JoinLink, LinkState, Message
    from tests.conftest import Team, make_team
    from tests.everything import one_of_each
    from tests.scheduling.loops import connect, make_link, make_loop
    from tests.scheduling.message_steps import deliver_all, propose, queue, send, staffed_loop

    known: dict[str, Any] = {}
    acme = Organization.objects.get(slug="acme")
    of = {role: acme.memberships.filter(role=role).order_by("id")[0] for role in Membership.Role.values}
    team = Team(acme, of["admin"], of["recruiter"], of["interviewer"])
    globex = make_team("globex")
    one_of_each(globex)
    Message.objects.update(calendar=[])  # events of a message are no bare texts
    globex.admin.user.set_password(PASSWORD)
    globex.admin.user.save()
    Membership.objects.create(organization=globex.organization, user=team.recruiter.user, role="interviewer")

    def person(email: str, **fields: Any) -> User:
        user = User.objects.create_user(f"{len(User.objects.all())}@acme.example", PASSWORD, **fields)
        Membership.objects.create(organization=acme, user=user, role="recruiter")
        User.objects.filter(pk=user.pk).update(email=email)  # as versions before the one before stored them
        return user

    def raw(table: str, pk: int, email: str) -> None:
        from django.db import connection

        with connection.cursor() as cursor:
            cursor.execute(f"UPDATE {table} SET email = %s WHERE id = %s", [email, pk])

    for email, name in (
        ("Upper.Case@Acme.example", "Una Upper"),
        ("wide\uff41@acme.example", "Wei Wide"),
        ("anna@straße.example", "Anna Straße"),
        ("anna@xn--strae-oqa.example", "Anna Again"),
    ):
        user = person(f"x{len(name)}{name[-1]}@acme.example", name=name)
        raw("organizations_user", user.pk, email)
    gone = person("gone@acme.example", name="Gus Gone")
    gone.is_active = False
    User.objects.filter(pk=gone.pk).update(is_active=False)

    # Signed in, in a browser that is known from now on.
    recruiter = Client()
    answer = recruiter.post("/sign-in/", {"username": "Recruiter@example.com", "password": "demo"})
    assert answer.status_code == 302, answer
    known["cookies"] = {name: morsel.value for name, morsel in recruiter.cookies.items()}
    admin = Client()
    admin.post("/sign-in/", {"username": "admin@example.com", "password": "demo"})
    left = Client()
    left.post("/sign-in/", {"username": "gone@acme.example", "password": PASSWORD})

    # Invitations: open, expired, accepted, and one whose link was renewed.
    def invite(email: str, role: str) -> Invitation:
        return invitations.invite(organization=acme, email=email, role=role, actor=team.admin.user)

    here = "/o/acme/settings/members/"
    assert admin.post(f"{here}invite/", {"email": "open@new.example", "role": "recruiter"}).status_code == 302
    invitation = Invitation.objects.get(email="open@new.example")
    known["invitation"] = invitations.link(invitation)
    with time_machine.travel(NOON - timedelta(days=20), tick=False):
        known["expired_invitation"] = invitations.link(invite("late@new.example", "interviewer"))
    accepted = invite("in@new.example", "interviewer")
    path = invitations.link(accepted).removeprefix("http://testserver")
    Client().post(path, {"name": "Ina In", "password": PASSWORD, "time_zone": "Europe/Paris"})
    odd = invite("odd@acme.example", "interviewer")
    raw("organizations_invitation", odd.pk, "Odd@Straße.example")
    known["odd_invitation"] = invitations.link(odd)
    from organizations import passwords

    passwords.mail(globex.recruiter.user.pk)
    known["password_link"] = str(mail.outbox[-1].body).split("http://testserver")[1].split()[0]

    # Changes that the trail tells of, with names.
    ina = Membership.objects.get(user__email="in@new.example")
    admin.post(f"{here}{ina.pk}/role/", {"role": "recruiter"})
    bye = Membership.objects.get(user__name="Gus Gone")
    admin.post(f"{here}{bye.pk}/remove/")
    invite("withdrawn@new.example", "recruiter")
    admin.post(f"{here}invitations/{Invitation.objects.get(email='withdrawn@new.example').pk}/withdraw/")
    recruiter.post("/o/acme/jobs/new/", {"title": "Night Baker", "location": "Oslo"})
    recruiter.post("/o/acme/candidates/new/", {"name": "Nils Neu", "email": "nils@x.example", "time_zone": "UTC"})

    # A key, links in each state, messages that went out, stayed, and wait.
    integration = connect(team)
    for number, state in enumerate(LinkState.values):
        loop = make_loop(team, f"Link {state}", hours_ahead=30 + number, email=f"link{number}@x.example")
        make_link(loop.interviews.get(), integration, state, candidate_key=f"link{number}@x.example")
    told = staffed_loop(team, "Coding", "Design", email="told@x.example")
    from scheduling.join_links import services as join_link_services

    join_link_services.make_missing(told.pk)
    make_link(told.interviews.get(name="Coding"), integration, "ready", candidate_key="told@x.example")
    send(told, team)
    coding = told.interviews.get(name="Coding")
    known["join"] = f"/join/{JoinLink.objects.get(interview=coding, membership=None).token}/"
    known["join_of_interviewer"] = f"/join/{JoinLink.objects.get(interview=coding, membership=team.interviewer).token}/"
    assert known["join"] in "".join(str(one.text) for one in told.messages.all()), "the mail has the address"
    waiting = staffed_loop(team, "Talk", email="waiting@x.example")
    join_link_services.make_missing(waiting.pk)
    propose(waiting, team)
    queue(waiting, team)
    drafted = staffed_loop(team, "Draft", email="drafted@x.example")
    propose(drafted, team)
    failed = staffed_loop(team, "Failed", email="failed@x.example")
    join_link_services.make_missing(failed.pk)
    propose(failed, team)
    queue(failed, team)
    deliver_all(failed)
    for state, message in zip(("failed", "unknown"), failed.messages.order_by("id"), strict=False):
        failed.messages.filter(pk=message.pk).update(state=state, sent_at=None, problem_code="refused")
    interview = Interview.objects.get(schedule=told, name="Design")
    recruiter.post(
        f"/o/acme/interviews/{interview.pk}/cancel/", {"reason": "An interviewer is ill", "once": "x", "version": ""}
    )
    uploaded = recruiter.post("/o/acme/candidates/import/", {"pasted": "Name,E-mail\nIda Import,ida@x.example\n"})
    assert uploaded.status_code == 302, uploaded.content.decode()[:500]

    found = Integration.objects.get(organization=acme)
    known["webhook"] = {"path": f"/hooks/codesignal/{found.webhook_token}/", "secret": found.webhook_secret}
    known["webhook"]["external_id"] = CodingLink.objects.get(interview=coding).external_id
    known["api_key"] = found.api_key
    return known


def plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return {"base64": base64.b64encode(value).decode()}
    return str(value) if isinstance(value, date | time) else value


def tables() -> dict[str, list[Any]]:
    """All rows as the database has them."""
    from django.db import connection

    found = {}
    with connection.cursor() as cursor:
        for table in sorted(set(connection.introspection.table_names(cursor)) - LEFT_OUT):
            rows = cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1').fetchall()
            if rows:
                columns = [column[0] for column in cursor.description]
                found[table] = [columns, *([plain(value) for value in row] for row in rows)]
    return found


def main(folder: Path) -> None:
    with time_machine.travel(NOON, tick=True):
        import django

        django.setup()
        from django.core.management import call_command
        from django.test.utils import setup_test_environment

        from config.celery import app

        app.conf.update(broker_url="memory://")
        setup_test_environment()
        call_command("migrate", verbosity=0)
        call_command("collectstatic", interactive=False, verbosity=0)  # pages look up their files
        call_command("demo_data")
        content = {"known": fill(), "tables": tables()}
    text = json.dumps(content, ensure_ascii=False, indent=0).encode()
    (folder / "before.json.gz").write_bytes(gzip.compress(text, mtime=0))


if __name__ == "__main__":
    main(Path(sys.argv[1]))
