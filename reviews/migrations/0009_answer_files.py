"""Papers of an organ that come with its answer to an objection; written once, as the answer is."""

import django.db.models.deletion
from django.db import migrations, models

from creation.guards import append_only, install, remove

GUARDS = append_only("reviews_hearingfile")


class Migration(migrations.Migration):

    dependencies = [
        ("creation", "0006_lists_at_scale"),
        ("reviews", "0008_guards_of_authors"),
    ]

    operations = [
        migrations.CreateModel(
            name="HearingFile",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("evidence", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="+", to="creation.evidence")),
                ("hearing", models.ForeignKey(on_delete=django.db.models.deletion.PROTECT, related_name="files", to="reviews.hearing")),
            ],
            options={
                "ordering": ("id",),
                "constraints": [models.UniqueConstraint(fields=("hearing", "evidence"), name="hearing_file_once")],
            },
        ),
        migrations.RunPython(
            lambda apps, schema_editor: install(GUARDS, schema_editor),
            lambda apps, schema_editor: remove(GUARDS, schema_editor),
        ),
    ]
