from __future__ import annotations

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies: ClassVar = [("scheduling", "0018_form_drafts"), ("organizations", "0001_initial")]

    operations: ClassVar = [
        migrations.RemoveConstraint(model_name="seat", name="seat_unique"),
        migrations.RenameModel(old_name="Seat", new_name="InterviewerAssignment"),
        migrations.AlterField(
            model_name="interviewerassignment",
            name="interview",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="assignments", to="scheduling.interview"
            ),
        ),
        migrations.AlterField(
            model_name="interviewerassignment",
            name="membership",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.CASCADE, related_name="assignments", to="organizations.membership"
            ),
        ),
        migrations.AddConstraint(
            model_name="interviewerassignment",
            constraint=models.UniqueConstraint(
                fields=("interview", "membership"), name="one_assignment_per_interviewer"
            ),
        ),
    ]
