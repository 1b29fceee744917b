from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class SchedulingConfig(AppConfig):
    name = "scheduling"
    verbose_name = _("Scheduling")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the hooks of the apps below."""
        from integrations import calendar_connections
        from integrations.hooks import calendars, events, link_counts, risks
        from jobs.hooks import usage
        from organizations.hooks import (
            address_changes,
            arrivals,
            departures,
            diagnosis,
            erasures,
            metrics,
            palette,
            restores,
            settings_changes,
            trail,
        )
        from organizations.hooks.job_limits import LIMITS
        from organizations.hooks.marks import MARKS
        from organizations.hooks.navigation import ACTIONS, MENU, SETTINGS_MENU, Entry
        from organizations.permissions import Permission
        from scheduling import trail_actions
        from scheduling.availability import connected_calendars, member_calendars
        from scheduling.availability.hooks import WHEN_READ
        from scheduling.calendar_events import answers, left
        from scheduling.calendar_events.restored import after_restore as events_after_restore
        from scheduling.coding_links import integration_reports, on_integration_event
        from scheduling.coding_links import metrics as link_metrics
        from scheduling.coding_links.queue import oldest_due as oldest_due_link
        from scheduling.coding_links.restored import after_restore as links_after_restore
        from scheduling.coding_links.runs import oldest_due as oldest_due_run
        from scheduling.demo import outbox
        from scheduling.erasure import organization as erasure
        from scheduling.erasure import services as erasure_services
        from scheduling.home.palette import find_candidates, find_schedules
        from scheduling.mail_answers import metrics as answer_metrics
        from scheduling.mail_answers import problems as answer_problems
        from scheduling.mail_answers import reading
        from scheduling.messages import delivery
        from scheduling.messages import metrics as message_metrics
        from scheduling.messages.restored import after_restore as messages_after_restore
        from scheduling.models.job_limits import JOB_LIMITS
        from scheduling.schedules import former_members, job_usage, offboarding

        WHEN_READ.append(answers.noticed)
        MARKS["has_events_left"] = left.there_are()
        MARKS["has_deletions"] = erasure_services.there_are()
        trail.ACTIONS.update(trail_actions.ACTIONS)
        trail.KINDS.update(trail_actions.KINDS)
        trail.LABELS.update(trail_actions.LABELS)
        MENU.extend(
            [
                Entry(10, _("Home"), "home", "home", Permission.OWN_INTERVIEWS, keys="g h"),
                Entry(20, _("Schedules"), "calendar-event", "schedules", Permission.OWN_INTERVIEWS, keys="g s"),
                Entry(25, _("Calendar"), "calendar-time", "calendar", Permission.OWN_INTERVIEWS, keys="g a"),
                Entry(30, _("Candidates"), "users", "candidates", Permission.SEE_CANDIDATES, keys="g c"),
                Entry(60, _("Outbox"), "inbox", "outbox", Permission.SEE_OUTBOX, shown=outbox.is_there),
            ]
        )
        ACTIONS.extend(
            [
                Entry(
                    10,
                    _("New schedule"),
                    "calendar-plus",
                    "schedule-new",
                    Permission.CHANGE_SCHEDULES,
                    is_main=True,
                    keys="n",
                ),
                Entry(
                    20, _("Add candidate"), "user-plus", "candidate-new", Permission.CHANGE_CANDIDATES, is_dialog=True
                ),
                Entry(30, _("Import candidates"), "upload", "candidates-import", Permission.MANAGE_CANDIDATES),
            ]
        )
        SETTINGS_MENU.extend(
            [
                Entry(40, _("Scheduling"), "calendar-event", "settings-scheduling", Permission.SEE_SETTINGS),
                Entry(50, _("Templates"), "template", "settings-templates", Permission.SEE_SETTINGS),
                Entry(58, _("Privacy"), "user", "settings-privacy", Permission.CHANGE_SETTINGS),
            ]
        )
        palette.SOURCES += [
            palette.Source(10, _("Schedules"), "calendar-event", Permission.OWN_INTERVIEWS, find_schedules),
            palette.Source(20, _("Candidates"), "user", Permission.SEE_CANDIDATES, find_candidates),
        ]
        diagnosis.WAITING.update(links=oldest_due_link, messages=delivery.oldest_due, runs=oldest_due_run)
        MARKS["answers_problem"] = reading.problem_mark()
        diagnosis.CHECKS["Mail answers"] = answer_problems.faults
        metrics.SOURCES += [link_metrics.gauges, message_metrics.gauges, answer_metrics.gauges]
        restores.STEPS += [links_after_restore, messages_after_restore, events_after_restore]
        LIMITS.update(JOB_LIMITS)
        erasures.SOURCES.append(
            erasures.Source(
                summary=erasure.summary,
                cancel=erasure.cancel,
                end_at_vendors=erasure.end_at_vendors,
                left_at_vendors=erasure.left_at_vendors,
                tables=erasure.TABLES,
            )
        )
        events.LISTENERS.append(on_integration_event)
        calendars.LISTENERS.append(connected_calendars.on_connection_event)
        calendars.NEEDS.append(left.is_removing)
        link_counts.SOURCES.append(integration_reports.link_counts)
        risks.SOURCES.append(integration_reports.risks)
        usage.SOURCES.append(usage.Source(job_usage.count, job_usage.schedule_total))
        # In this order: the events of a leaving member are removed with the connection that ends.
        departures.LISTENERS += [offboarding.member_leaves, calendar_connections.member_leaves]
        erasures.SOURCES += [
            erasures.Source(
                summary=former_members.summary,
                held=former_members.held,
                forget=former_members.forget,
                interviews=former_members.losing_interviewer,
            ),
            erasures.Source(forget=outbox.forget),
        ]
        settings_changes.LISTENERS.append(connected_calendars.invitations_change)
        arrivals.LISTENERS.append(member_calendars.arrives)
        address_changes.LISTENERS += [offboarding.address_changes, member_calendars.address_changes]
