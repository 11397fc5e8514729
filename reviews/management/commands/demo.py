from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from creation import stages
from reviews.demo.people import accounts_table
from reviews.demo.world import build


class Command(BaseCommand):
    help = "Build the demonstration world; what stands already is left as it is. In the demonstration profile only."

    def add_arguments(self, parser):
        parser.add_argument(
            "--stage",
            metavar="NAME",
            help="files of the current round up to this stage only, in this order: " + ", ".join(stages.LABELS),
        )
        parser.add_argument("--accounts", action="store_true", help="only list the accounts with their password")

    def handle(self, *args, stage=None, accounts=False, **options):
        if settings.PROFILE != "demo":
            raise CommandError(_("The demonstration world is built in the demonstration profile only (PROFILE=demo)."))
        if stage is not None and stage not in stages.LABELS:
            raise CommandError(
                _("There is no stage “%(stage)s”. The stages are: %(stages)s.")
                % {"stage": stage, "stages": ", ".join(stages.LABELS)}
            )
        if accounts:
            self.stdout.write("\n".join(accounts_table()))
            return
        built = [name for name, now in build(stage or stages.WITHDRAWN) if now]
        if built:
            self.stdout.write(_("Demonstration world built: %(parts)s") % {"parts": ", ".join(built)})
        else:
            self.stdout.write(_("The demonstration world stands; nothing was changed."))
