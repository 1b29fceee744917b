"""The form of a candidate. Its choices come from the organization of the member who asks."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from jobs.coordinators import has_job
from jobs.models import Job, Stage
from organizations.access import Access
from organizations.bidi import isolated
from organizations.forms import StyledFormMixin
from organizations.parameters import row_id
from organizations.row_choices import RowChoiceField
from organizations.zone_fields import ZoneField
from scheduling.candidates.queries import listed
from scheduling.models import Candidate


def choice_field(form: forms.BaseForm, name: str) -> Any:
    """Return a field of choices, to fill it. Its type depends on the form."""
    return form.fields[name]


def find_candidate(access: Access, value: str) -> Candidate | None:
    """Return the organization's candidate with the id that was sent; None when it has none."""
    pk = row_id(value)
    return listed(access).filter(pk=pk).first() if pk else None


class StageField(RowChoiceField):
    """A stage of any job, by the job's name."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj.job.title}: {obj.name}"


class CandidateForm(StyledFormMixin, forms.ModelForm[Candidate]):
    """A candidate. Wants `access`; the stage has to be one of the job's. Coordinators add candidates to their jobs."""

    time_zone = ZoneField(help_text=_("Messages to the candidate show times in this zone."))
    job = RowChoiceField(Job.objects.none(), label=_("Job"), required=False, empty_label=_("No job yet"))
    stage = StageField(
        Stage.objects.none(),
        label=_("Stage"),
        required=False,
        empty_label=_("No stage yet"),
        searched=("job__search_key",),
    )

    class Meta:
        model = Candidate
        fields = ["name", "email", "phone", "time_zone", "job", "stage"]
        help_texts = {"email": _("Invitations go here. Leave empty if you don't have it yet.")}

    def __init__(self, *args: Any, access: Access, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.instance.organization = access.organization
        if not self.instance.pk:
            self.initial["time_zone"] = access.organization.time_zone  # the model knows only UTC
        self.fields["name"].widget.attrs["autocomplete"] = "off"
        self.fields["email"].widget.attrs["autocomplete"] = "off"
        if self.instance.job_id and not has_job(access, self.instance.job_id):
            # A coordinator doesn't see the candidate's other job, and leaves it as it is.
            self.fields.pop("job", None)
            self.fields.pop("stage", None)
        if "job" in self.fields:
            self._limit_choices(access)

    def _limit_choices(self, access: Access) -> None:
        jobs = access.all(Job).filter(Q(state=Job.State.OPEN) | Q(pk=self.instance.job_id)).order_by("search_key", "id")
        stages = (
            access.all(Stage).filter(job__in=jobs).select_related("job").order_by("job__search_key", "position", "id")
        )
        job, stage = choice_field(self, "job"), choice_field(self, "stage")
        job.queryset, stage.queryset = jobs, stages
        for name, field in (("job", job), ("stage", stage)):
            field.address = f"{access.url('candidate-new')}?options={name}"
            field.kept = self.data.get(name) or getattr(self.instance, f"{name}_id")
        if access.is_limited and (self.instance.job_id or not self.instance.pk):
            # Without a job they would lose sight of the candidate.
            job.required, job.empty_label = True, _("Choose a job")

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        job, stage = data.get("job"), data.get("stage")
        if stage is not None and job is None:
            data["job"] = stage.job
        elif stage is not None and job is not None and stage.job_id != job.pk:
            self.add_error(
                "stage", _("This stage belongs to another job. Choose one of “%(job)s”.") % {"job": isolated(job)}
            )
        return data
