"""The first steps of an organization: its checklist on Home, and a test mail. What is done is read from what exists."""

from __future__ import annotations

import structlog
from django.db import transaction

from organizations import languages, limits
from organizations.enqueue import after_commit
from organizations.mail import Mailbox, sender_of, write_from
from organizations.models import Organization, User

TestMail = Organization.TestMail
log = structlog.get_logger(__name__)


def show_checklist(*, organization: Organization, shown: bool) -> None:
    """Show or hide the checklist for everybody of the organization."""
    Organization.objects.filter(pk=organization.pk).update(checklist_hidden=not shown)


@transaction.atomic
def ask_for_test_mail(*, organization: Organization, actor: User) -> None:
    """Have a worker mail the actor. Raises limits.Reached."""
    limits.count(limits.TEST_MAILS, organization.pk, actor.pk)
    Organization.objects.filter(pk=organization.pk).update(test_mail=TestMail.QUEUED)
    after_commit("organizations.send_test_mail", organization.pk, actor.pk)


def send_test_mail(organization_id: int, user_id: int) -> None:
    """Send the mail, and note how that ended. A message that comes twice sends it once."""
    waiting = Organization.objects.filter(pk=organization_id, test_mail=TestMail.QUEUED)
    organization = waiting.first()
    user = User.objects.filter(pk=user_id, is_active=True).first()
    if organization is None or user is None:
        return
    context = {"organization": organization, "user": user}
    ended = TestMail.SENT
    try:
        to = [Mailbox(user.name, user.email)]
        with languages.speaking_to(user, organization):
            message = write_from("test_mail", context, to=to, organization=organization, sender=sender_of(organization))
        message.send()
    except OSError as error:
        log.warning("test_mail_not_sent", organization=organization_id, error=type(error).__name__)
        ended = TestMail.FAILED
    waiting.update(test_mail=ended)
