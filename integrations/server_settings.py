"""Writes on an organization's servers for video calls. Each is atomic and writes its audit row."""

from __future__ import annotations

from django.db import transaction
from django.views.decorators.debug import sensitive_variables

from integrations.models import MeetingServer
from organizations.audit import record
from organizations.models import Organization, User


@sensitive_variables()
@transaction.atomic
def save_server(
    *, organization: Organization, actor: User, kind: str, host: str, app_id: str, secret: str | None
) -> MeetingServer:
    """Save the server of a kind. `secret`: None keeps the one that is stored."""
    columns = {"host": host, "app_id": app_id} | ({} if secret is None else {"secret": secret})
    row, made = MeetingServer.objects.update_or_create(organization=organization, kind=kind, defaults=columns)
    action = "meeting_server.connected" if made else "meeting_server.changed"
    record(organization=organization, actor=actor, action=action, subject=row, detail={"meeting_server": kind})
    return row


@transaction.atomic
def remove_server(*, server: MeetingServer, actor: User) -> None:
    """Forget a server with its secret. Interviews that meet there say so until they meet elsewhere."""
    told = {"meeting_server": server.kind}
    record(organization=server.organization, actor=actor, action="meeting_server.removed", subject=server, detail=told)
    server.delete()
