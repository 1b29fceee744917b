from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Jobs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Fill the hooks of the app below."""
        from integrations.hooks import planned_interviews
        from jobs import coordinators, queries, trail_actions
        from jobs.coordinators import through
        from jobs.models import InterviewPlan, Job, PlanInterview, Stage
        from jobs.palette import find_jobs
        from organizations.hooks import coordinated_jobs, erasures, palette, trail
        from organizations.hooks.job_limits import LIMITS
        from organizations.hooks.navigation import ACTIONS, MENU, Entry
        from organizations.permissions import Permission

        LIMITS.update(
            {
                Job: through("pk"),
                Stage: through("job"),
                InterviewPlan: through("stage__job"),
                PlanInterview: through("plan__stage__job"),
            }
        )
        coordinated_jobs.SOURCES.append(
            coordinated_jobs.Source(coordinators.choices, coordinators.of, coordinators.assign, coordinators.hand_over)
        )
        planned_interviews.SOURCES.append(queries.interviews_with_link)
        MENU.append(Entry(40, _("Jobs"), "briefcase", "jobs", Permission.SEE_JOBS, keys="g j"))
        palette.SOURCES.append(palette.Source(30, _("Jobs"), "briefcase", Permission.SEE_JOBS, find_jobs))
        ACTIONS.append(Entry(40, _("New job"), "briefcase", "job-new", Permission.MANAGE_JOBS, is_dialog=True))
        trail.ACTIONS.update(trail_actions.ACTIONS)
        erasures.SOURCES.append(erasures.Source(tables=[PlanInterview, InterviewPlan, Stage, Job]))
