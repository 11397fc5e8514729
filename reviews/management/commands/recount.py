from django.core.management.base import BaseCommand

from reviews.actions.rates import recount_all


class Command(BaseCommand):
    help = "Count every region anew, for today and every month since the first recognition, as the nightly job does."

    def handle(self, *args, **options):
        self.stdout.write(f"{recount_all()} rows counted anew")
