import json
import os
import subprocess
import sys
from dataclasses import asdict

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from creation.doorbell import muffled
from portal.bench import databases, report, run
from portal.bench.measurements import ALL
from portal.bench.rounds import Measured
from portal.bench.scales import SCALES

DATABASES = {"both": (databases.POSTGRES, databases.SQLITE)}
DATABASES |= {kind: (kind,) for kind in DATABASES["both"]}
PASSED_ON = ("rounds", "recognitions", "workers")


class Command(BaseCommand):
    help = (
        "Measure the portal beside the least any program could do, on seeded registers in databases of their own. "
        "A report, no test: the ratios count, not the times."
    )

    def add_arguments(self, parser):
        parser.add_argument("--scale", default="all", help=f"{', '.join(SCALES)}, several with commas, or all")
        parser.add_argument("--database", choices=sorted(DATABASES), default="both")
        parser.add_argument("--only", default="", help="modules or functions of figures, with commas")
        parser.add_argument("--rounds", type=int, default=5, help="pairs of project and floor, after one to warm up")
        parser.add_argument("--recognitions", type=int, default=10_000, help="at once, by all workers together")
        parser.add_argument("--workers", type=int, default=8)
        parser.add_argument("--keep", action="store_true", help="leave the databases for a look inside")
        parser.add_argument("--inside", action="store_true", help="used by the command itself, in the bench's database")

    def handle(self, *args, **options):
        scales = list(SCALES) if options["scale"] == "all" else options["scale"].split(",")
        if unknown := set(scales) - set(SCALES):
            raise CommandError(f"There is no scale {', '.join(sorted(unknown))}: {', '.join(SCALES)}.")
        if options["inside"]:
            self._inside(scales[0], options)
            return
        for kind in DATABASES[options["database"]]:
            found = {scale: self._apart(kind, scale, options) for scale in scales}
            if all(figures is not None for figures in found.values()):
                self.stdout.write("\n" + report.table(kind, found))

    def _apart(self, kind, scale, options):
        """Return the figures of one scale, measured by a process of its own that knows the bench's database only."""
        asked = [f"--{name}={options[name]}" for name in PASSED_ON]
        command = [sys.executable, "manage.py", "bench", "--inside", f"--scale={scale}", f"--only={options['only']}"]
        try:
            with databases.own(kind, scale, keep=options["keep"]) as address:
                run.say(f"— {kind}, {scale}")
                env = os.environ | {"DATABASE_URL": address, "MEDIA_ROOT": str(databases.FOLDER / "media")}
                done = subprocess.run(  # noqa: S603 ourselves
                    [*command, *asked], env=env, cwd=settings.BASE_DIR, stdout=subprocess.PIPE, check=False, text=True
                )
        except databases.Unreachable as error:
            self.stderr.write(f"PostgreSQL is left out, no server answers: {error}")
            return None
        if done.returncode:
            self.stderr.write(f"{kind}, {scale}: it ended early, what follows was measured before.")
        return [Measured(**json.loads(line)) for line in done.stdout.splitlines()]

    def _inside(self, scale, options):
        with muffled():
            bench = run.prepare(scale, **{name: options[name] for name in PASSED_ON})
            for measure in ALL:
                if any(name in f"{measure.__module__}.{measure.__name__}" for name in options["only"].split(",")):
                    run.say(f"{scale}: {measure.__name__}")
                    self.stdout.write(json.dumps(asdict(measure(bench))))
