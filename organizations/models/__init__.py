"""Organizations, their members and accounts, and the audit trail."""

from organizations.models.accounts import User, UserManager, validate_time_zone
from organizations.models.attempts import Attempt
from organizations.models.directory import Directory, DirectoryGroup, DirectoryToken, DirectoryUser, Domain, GroupRole
from organizations.models.heartbeat import Heartbeat
from organizations.models.invitations import Invitation
from organizations.models.logos import Logo
from organizations.models.organizations import MOST_BUFFER, DayOff, Membership, Organization
from organizations.models.saved_filters import SavedFilter
from organizations.models.sessions import Session
from organizations.models.single_sign_on import IdentityProvider, SignOnAnswer
from organizations.models.submissions import Submission
from organizations.models.trail import AuditEvent

__all__ = [
    "MOST_BUFFER",
    "Attempt",
    "AuditEvent",
    "DayOff",
    "Directory",
    "DirectoryGroup",
    "DirectoryToken",
    "DirectoryUser",
    "Domain",
    "GroupRole",
    "Heartbeat",
    "IdentityProvider",
    "Invitation",
    "Logo",
    "Membership",
    "Organization",
    "SavedFilter",
    "Session",
    "SignOnAnswer",
    "Submission",
    "User",
    "UserManager",
    "validate_time_zone",
]
