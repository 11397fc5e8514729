from django.db import migrations, models


class Migration(migrations.Migration):
    """A recount says how far the snapshot reaches, in which tree it was counted, and what it found wrong."""

    dependencies = [("reviews", "0006_reports_and_webhooks")]

    operations = [
        migrations.AddField("recountrun", "as_of", models.DateField(null=True)),
        migrations.AddField("recountrun", "since", models.DateField(null=True)),
        migrations.AddField("recountrun", "tree", models.BigIntegerField(null=True)),
        migrations.AddField("recountrun", "differences", models.PositiveIntegerField(null=True)),
    ]
