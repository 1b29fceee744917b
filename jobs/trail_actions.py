"""Sentences of the audit trail about jobs, stages and interview plans. Their names are kept as they were."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from organizations.hooks.trail import Act, Action, Group

HERE = Group.JOBS
JOB, STAGE, INTERVIEW = "briefcase", "list", "code"

ACTIONS = {
    "job.created": Action(_("Created the job “%(job)s”"), JOB, HERE, Act.ADDED),
    "job.duplicated": Action(_("Duplicated the job “%(source)s” as “%(job)s”"), JOB, HERE, Act.ADDED),
    "job.edited": Action(_("Edited the job “%(job)s”"), JOB, HERE),
    "job.closed": Action(_("Closed the job “%(job)s”"), JOB, HERE),
    "job.reopened": Action(_("Reopened the job “%(job)s”"), JOB, HERE),
    "job.deleted": Action(_("Deleted the job “%(job)s”"), JOB, HERE, Act.REMOVED),
    "job.stages_reordered": Action(_("Changed the order of the stages of “%(job)s”"), JOB, HERE),
    "stage.added": Action(_("Added the stage “%(stage)s” to “%(job)s”"), STAGE, HERE, Act.ADDED),
    "stage.duplicated": Action(_("Duplicated the stage “%(source)s” as “%(stage)s”"), STAGE, HERE, Act.ADDED),
    "stage.restored": Action(_("Put the stage “%(stage)s” back into “%(job)s”"), STAGE, HERE, Act.ADDED),
    "stage.renamed": Action(_("Renamed a stage to “%(stage)s”"), STAGE, HERE),
    "stage.moved": Action(_("Moved the stage “%(stage)s” to position %(position)s"), STAGE, HERE),
    "stage.removed": Action(_("Removed the stage “%(stage)s” from “%(job)s”"), STAGE, HERE, Act.REMOVED),
    "stage.plan_reordered": Action(_("Changed the order of the interviews of “%(stage)s”"), STAGE, HERE),
    "plan_interview.added": Action(_("Added “%(interview)s” to the plan of “%(stage)s”"), INTERVIEW, HERE, Act.ADDED),
    "plan_interview.edited": Action(_("Edited “%(interview)s” in an interview plan"), INTERVIEW, HERE),
    "plan_interview.moved": Action(_("Moved “%(interview)s” to position %(position)s of its plan"), INTERVIEW, HERE),
    "plan_interview.removed": Action(_("Removed “%(interview)s” from an interview plan"), INTERVIEW, HERE, Act.REMOVED),
    "plan_interview.restored": Action(
        _("Put “%(interview)s” back into the plan of “%(stage)s”"), INTERVIEW, HERE, Act.ADDED
    ),
    "plan_interview.link_switched_on": Action(
        _("Switched on the coding link by default for “%(interview)s”"), INTERVIEW, HERE
    ),
    "plan_interview.link_switched_off": Action(
        _("Switched off the coding link by default for “%(interview)s”"), INTERVIEW, HERE
    ),
    "plan_interview.template_chosen": Action(
        _("Chose the template “%(template)s” for “%(interview)s”"), INTERVIEW, HERE
    ),
    "plan_interview.template_cleared": Action(_("Chose no template for “%(interview)s”"), INTERVIEW, HERE),
    "plan_interview.template_locked": Action(_("Locked the template of “%(interview)s”"), INTERVIEW, HERE),
    "plan_interview.template_unlocked": Action(_("Unlocked the template of “%(interview)s”"), INTERVIEW, HERE),
}
