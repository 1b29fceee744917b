from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class IntegrationsConfig(AppConfig):
    name = "integrations"
    verbose_name = _("Integrations")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from celery import signals

        from integrations import calendar_trail, call_counts, metrics, people, trail_actions
        from integrations.calendar_pauses import paused_calendars
        from integrations.models import (
            CalendarCheck,
            CalendarConnection,
            Integration,
            IntegrationDay,
            KeyCheck,
            MeetingServer,
        )
        from integrations.notices import integration_notices
        from integrations.unreadable import faults
        from organizations.hooks import diagnosis, erasures, trail
        from organizations.hooks import metrics as metrics_hook
        from organizations.hooks.job_limits import LIMITS, unlimited
        from organizations.hooks.marks import MARKS
        from organizations.hooks.navigation import SETTINGS_MENU, Entry
        from organizations.hooks.notices import SOURCES
        from organizations.permissions import Permission

        LIMITS[Integration] = unlimited
        LIMITS[MeetingServer] = unlimited
        MARKS["has_paused_calendars"] = paused_calendars()
        diagnosis.CHECKS["Keys"] = faults
        metrics_hook.SOURCES.append(metrics.gauges)
        SETTINGS_MENU.append(Entry(30, _("Integrations"), "plug", "settings-integrations", Permission.SEE_SETTINGS))
        SOURCES.append(integration_notices)
        trail.ACTIONS.update(trail_actions.ACTIONS)
        trail.LABELS.update(trail_actions.LABELS)
        trail.ACTIONS.update(calendar_trail.ACTIONS)
        trail.LABELS.update(calendar_trail.LABELS)
        erasures.SOURCES.append(
            erasures.Source(
                forget=people.forget,
                held=people.held,
                tables=[MeetingServer, CalendarCheck, CalendarConnection, KeyCheck, IntegrationDay, Integration],
            )
        )
        signals.task_postrun.connect(call_counts.write_when_due)
        signals.worker_shutdown.connect(call_counts.write)
        signals.worker_process_shutdown.connect(call_counts.write)
