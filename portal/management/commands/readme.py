from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from creation import stages

BEGIN, END = "<!-- stages: written by `manage.py readme` -->\n", "<!-- /stages -->\n"


def stage_table() -> str:
    """Return the table of steps as Markdown, read from the one table that the portal itself follows."""
    with translation.override("en"):
        rows = ["| step | from | to | who | what must be true |", "| --- | --- | --- | --- | --- |"]
        for step in stages.STEPS.values():
            start = ", ".join(sorted(f"`{stage}`" for stage in step.from_stages)) or "–"
            who = ", ".join(str(stages.ACTORS[actor]) for actor in step.who)
            rows.append(f"| `{step.name}` | {start} | `{step.to_stage}` | {who} | {step.condition} |")
        return "\n".join(rows) + "\n"


class Command(BaseCommand):
    help = "Write the table of stages into the README from the code; with --check only tell whether it is current."

    def add_arguments(self, parser):
        parser.add_argument("--check", action="store_true")

    def handle(self, *args, check, **options):
        path = Path(settings.BASE_DIR) / "README.md"
        text = path.read_text(encoding="utf-8")
        head, rest = text.split(BEGIN)
        _old, tail = rest.split(END)
        current = head + BEGIN + stage_table() + END + tail
        if check and current != text:
            raise CommandError("The table of stages in the README is not current: run `manage.py readme`.")
        if not check:
            path.write_text(current, encoding="utf-8")
