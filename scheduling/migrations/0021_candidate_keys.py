"""Call lanes candidate keys, and let claimed links be the slots of workers: no table of chains."""

from __future__ import annotations

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("scheduling", "0020_plain_names_of_messages"),
    ]

    operations = [
        migrations.DeleteModel(name="Chain"),
        migrations.RemoveField(model_name="codinglink", name="fetched_at"),
        migrations.RemoveIndex(model_name="codinglink", name="link_lane"),
        migrations.RemoveConstraint(model_name="codinglink", name="link_one_create_per_candidate"),
        migrations.RemoveConstraint(model_name="lanesnapshot", name="lane_snapshot_unique"),
        migrations.RenameField(model_name="codinglink", old_name="lane", new_name="candidate_key"),
        migrations.RenameModel(old_name="LaneSnapshot", new_name="VendorSnapshot"),
        migrations.RenameField(model_name="vendorsnapshot", old_name="lane", new_name="candidate_key"),
        migrations.AddConstraint(
            model_name="codinglink",
            constraint=models.UniqueConstraint(
                condition=models.Q(
                    ("state", "creating"),
                    models.Q(("state", "unknown"), models.Q(("problem_code", "ambiguous"), _negated=True)),
                    _connector="OR",
                ),
                fields=("integration", "candidate_key"),
                name="link_one_create_per_candidate",
            ),
        ),
        migrations.AddIndex(
            model_name="codinglink",
            index=models.Index(fields=["integration", "candidate_key"], name="link_candidate_key"),
        ),
        migrations.AddConstraint(
            model_name="vendorsnapshot",
            constraint=models.UniqueConstraint(fields=("integration", "candidate_key"), name="vendor_snapshot_unique"),
        ),
    ]
