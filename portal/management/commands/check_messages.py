import io
from pathlib import Path

import polib
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

IGNORED = [".venv", "node_modules", "var", "tests"]


class Command(BaseCommand):
    help = "Name every text that the catalogues lack or leave untranslated or fuzzy; needs gettext, changes nothing."
    requires_system_checks = ()

    def handle(self, *args, **options):
        catalogues = sorted(Path(settings.LOCALE_PATHS[0]).glob("*/LC_MESSAGES/*.po"))
        if not catalogues:
            raise CommandError("There is no catalogue in portal/locale.")
        before = {path: path.read_bytes() for path in catalogues}
        try:
            call_command(
                "makemessages", all=True, no_location=True, no_wrap=True, ignore_patterns=IGNORED, stdout=io.StringIO()
            )
            faults = [line for path in catalogues for line in self.faults(path, before[path])]
        finally:
            for path, content in before.items():
                path.write_bytes(content)
        for line in faults:
            self.stderr.write(line)
        if faults:
            raise CommandError(f"{len(faults)} texts are not translated.")
        self.stdout.write("All texts are translated.")

    @staticmethod
    def faults(path, before):
        """Return a line for each text used in the code (path is freshly collected) that `before` does not translate."""
        ready = {
            (entry.msgctxt, entry.msgid)
            for entry in polib.pofile(before.decode())
            if entry.translated() and not entry.obsolete
        }
        used = [entry for entry in polib.pofile(str(path)) if not entry.obsolete]
        return [f"{path.parent.parent.name}: {e.msgid!r}" for e in used if (e.msgctxt, e.msgid) not in ready]
