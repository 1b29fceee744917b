from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class OrganizationsConfig(AppConfig):
    name = "organizations"
    verbose_name = _("Organizations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.db.backends.signals import connection_created
        from django_structlog.signals import bind_extra_request_metadata

        from organizations import account_trail, append_only, client_address, signals, trail_actions
        from organizations.backup.accounts import after_restore
        from organizations.diagnosis import gauges
        from organizations.directory import users as directory
        from organizations.erasure import held, summary, traces
        from organizations.erasure.notices import erasure_notices
        from organizations.hooks import arrivals, departures, erasures, metrics, restores, trail
        from organizations.hooks.job_limits import LIMITS, unlimited
        from organizations.hooks.navigation import MENU, SETTINGS_MENU, Entry
        from organizations.hooks.notices import SOURCES
        from organizations.mail_server import mail_notices
        from organizations.models import (
            AuditEvent,
            Directory,
            DirectoryGroup,
            DirectoryToken,
            DirectoryUser,
            Domain,
            GroupRole,
            IdentityProvider,
            Invitation,
            Logo,
            Membership,
        )
        from organizations.permissions import Permission
        from organizations.second_step_notices import second_step_notices
        from organizations.single_sign_on import entry

        LIMITS[Membership] = unlimited
        # Members who may not read the trail meet it only as the history of a schedule that they may see.
        LIMITS[AuditEvent] = unlimited
        MENU.append(Entry(50, _("Organization Settings"), "settings", "settings", Permission.SEE_SETTINGS, keys="g o"))
        SETTINGS_MENU += [
            # Whole: the others' addresses begin with it.
            Entry(10, _("Organization"), "building", "settings", Permission.SEE_SETTINGS, whole=True),
            Entry(20, _("Members"), "users", "settings-members", Permission.SEE_SETTINGS),
            Entry(25, _("Roles"), "lock", "settings-roles", Permission.OWN_PROFILE),
            Entry(26, _("Single sign-on"), "lock-open", "settings-single-sign-on", Permission.MANAGE_MEMBERS),
            Entry(27, _("Directory"), "world", "settings-directory", Permission.MANAGE_MEMBERS),
            Entry(55, _("Two-step sign-in"), "key", "settings-two-factors", Permission.SEE_SETTINGS),
            Entry(60, _("Audit log"), "shield-check", "settings-security", Permission.SEE_TRAIL),
            Entry(70, _("Your profile"), "user", "settings-profile", Permission.OWN_PROFILE),
        ]
        SOURCES.append(mail_notices)
        metrics.SOURCES.append(gauges.gauges)
        restores.STEPS.append(after_restore)
        arrivals.LISTENERS.append(directory.joined)
        departures.LISTENERS += [directory.left, entry.end_sessions]
        SOURCES += [second_step_notices, erasure_notices]
        trail.ACTIONS.update(trail_actions.ACTIONS)
        trail.KINDS.update(trail_actions.KINDS)
        erasures.SOURCES.append(
            # Members and the trail go at last: see `erasure/closing.py`.
            erasures.Source(
                summary=summary.lines,
                held=held.of_this_app,
                forget=traces.forget,
                tables=[
                    Invitation,
                    DirectoryGroup,
                    DirectoryUser,
                    DirectoryToken,
                    Directory,
                    GroupRole,
                    Domain,
                    IdentityProvider,
                    Logo,
                ],
            )
        )
        trail.LABELS.update(trail_actions.LABELS)
        connection_created.connect(append_only.teach_sqlite, dispatch_uid="organizations.append_only")
        account_trail.connect()
        bind_extra_request_metadata.connect(client_address.bind_to_log, dispatch_uid="organizations.client_address")
        signals.connect()
