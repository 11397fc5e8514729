"""Lists stay fast on a large register: indexes in the order of its pages, and of parts of names on PostgreSQL."""

from django.db import DatabaseError, migrations, models, transaction

NAMES = "creation_organ_names_trgm"


def index_names(_apps, schema_editor):
    """Index parts of names and codes where the role may create pg_trgm (or somebody has); without it a search reads the table.

    SQLite reads its table in any case: some 80 ms for 300,000 organs.
    """
    if schema_editor.connection.vendor != "postgresql":
        return
    try:
        with transaction.atomic(using=schema_editor.connection.alias):
            schema_editor.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    except DatabaseError:
        return
    schema_editor.execute(
        f"CREATE INDEX {NAMES} ON creation_organ "
        "USING gin (UPPER(name::text) gin_trgm_ops, UPPER(name_en::text) gin_trgm_ops, "
        "UPPER(credit_code::text) gin_trgm_ops)"
    )


def forget_names(_apps, schema_editor):
    """Drop the index again; the extension may be somebody else's."""
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP INDEX IF EXISTS {NAMES}")


class Migration(migrations.Migration):

    dependencies = [
        ('creation', '0005_api_tokens'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='assessment',
            index=models.Index(fields=['stage_since', 'id'], name='creation_as_stage_s_025f18_idx'),
        ),
        migrations.AddIndex(
            model_name='organ',
            index=models.Index(fields=['region', 'credit_code'], name='creation_or_region__a175b4_idx'),
        ),
        migrations.AddIndex(
            model_name='region',
            index=models.Index(fields=['position', 'code'], name='creation_re_positio_d354a9_idx'),
        ),
        migrations.RunPython(index_names, forget_names),
    ]
