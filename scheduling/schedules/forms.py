"""Forms of a new schedule, and of the reasons for changes. Choices are those of the member's organization."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from jobs.models import Job, Stage
from organizations.access import Access
from organizations.fields import LinesField
from organizations.forms import StyledFormMixin
from organizations.row_choices import RowChoiceField
from organizations.text import line
from organizations.zone_fields import ZoneField
from scheduling.candidates.forms import CandidateForm, choice_field, find_candidate
from scheduling.models import Candidate
from scheduling.schedules.interview_forms import QuietForm


class NewCandidateForm(QuietForm, CandidateForm):
    """A new candidate on "New schedule"; job and stage are the schedule's."""

    job = None  # type: ignore[assignment]
    stage = None  # type: ignore[assignment]

    class Meta(CandidateForm.Meta):
        fields = ["name", "email", "time_zone"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].label = _("Candidate's time zone")
        # The rows say what time it is for the candidate.
        self.fields["time_zone"].widget.attrs["data-redraws"] = True


class ScheduleForm(QuietForm, StyledFormMixin, forms.Form):
    """Candidate, job, stage and zone of a new schedule. `candidate` is an id, or NEW for the form beside it."""

    NEW = "new"

    candidate = forms.CharField(
        label=_("Candidate"), error_messages={"required": _("Choose a candidate, or add a new one.")}
    )
    job = RowChoiceField(
        Job.objects.none(),
        label=_("Job"),
        empty_label=_("Choose a job"),
        error_messages={
            "required": _("Choose a job."),
            "invalid_choice": _("This job is closed. Choose another."),
        },
    )
    stage = forms.ChoiceField(
        label=_("Stage"),
        error_messages={
            "required": _("Choose a stage."),
            "invalid_choice": _("This stage belongs to another job. Choose one of the job's stages."),
        },
    )
    time_zone = ZoneField(label=_("Time zone"), help_text=_("Everyone sees times in their own time zone."))

    def __init__(self, *args: Any, access: Access, known: Candidate | None = None, **kwargs: Any) -> None:
        """`known`: the chosen candidate where the caller has read it already. Reads jobs and stages once each."""
        super().__init__(*args, **kwargs)
        self.access = access
        self.known = known
        self.chosen_job = chosen = self._find_job()
        stages = access.all(Stage).filter(job=chosen).order_by("position", "id") if chosen else []
        self.stages = {str(stage.pk): stage for stage in stages}
        choice_field(self, "stage").choices = [
            ("", _("Choose a stage")),
            *((pk, stage.name) for pk, stage in self.stages.items()),
        ]
        for name in ("job", "stage", "time_zone"):
            self.fields[name].widget.attrs["data-redraws"] = True

    def _find_job(self) -> Job | None:
        """Fill the field of the job, and return the chosen one."""
        field = choice_field(self, "job")
        field.queryset = self.access.all(Job).filter(state=Job.State.OPEN).order_by("search_key", "id")
        field.kept, field.address = self.data.get("job"), f"{self.access.url('schedule-new')}?options=job"
        self.jobs = field.offered
        chosen: Job | None = field.chosen(field.widget.value_from_datadict(self.data, {}, "job"))
        return chosen

    def clean_stage(self) -> Stage:
        return self.stages[self.cleaned_data["stage"]]

    def clean_candidate(self) -> Candidate | None:
        """Return the candidate; None for a new one."""
        value = str(self.cleaned_data["candidate"])
        if value == self.NEW:
            return None
        if self.known is not None and str(self.known.pk) == value:
            return self.known
        found = find_candidate(self.access, value)
        if found is None:
            raise ValidationError(_("This candidate was deleted. Choose another."))
        return found


class ReasonListForm(StyledFormMixin, forms.Form):
    """The organization's reasons, one a line."""

    reasons = LinesField(
        label=_("Reasons for moving and cancelling"),
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("One per line, in the order they are offered."),
        error_messages={"required": _("Keep at least one reason.")},
    )

    def clean_reasons(self) -> list[str]:
        texts = list(dict.fromkeys(line(each) for each in self.cleaned_data["reasons"].splitlines()))
        texts = [text for text in texts if text]
        if long := next((text for text in texts if len(text) > 120), ""):
            raise ValidationError(
                _("“%(start)s…” is too long. Keep a reason to 120 characters."), params={"start": long[:40]}
            )
        if len(texts) > 40:
            raise ValidationError(_("Keep the list to 40 reasons."))
        return texts
