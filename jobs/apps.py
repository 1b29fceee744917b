from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class JobsConfig(AppConfig):
    name = "jobs"
    verbose_name = _("Jobs")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from jobs import trail_actions
        from organizations.hooks import trail
        from organizations.hooks.navigation import MENU, Entry
        from organizations.permissions import Permission

        MENU.append(Entry(40, _("Jobs"), "briefcase", "jobs", Permission.SEE_JOBS))
        trail.ACTIONS.update(trail_actions.ACTIONS)
