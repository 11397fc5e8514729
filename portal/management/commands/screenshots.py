import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from django.conf import settings
from django.core.exceptions import ObjectDoesNotExist
from django.core.management import call_command
from django.core.management.base import BaseCommand, CommandError

from portal.pictures import INSTALL, MAIN_PEOPLE, PICTURES, Camera, camera, chromium_is_there, small

WORLD = Path(settings.VAR_DIR) / "screenshots"
DATABASE = WORLD / "db.sqlite3"
TARGET = Path(settings.BASE_DIR) / "docs" / "screenshots"
SECONDS = 30


class Command(BaseCommand):
    help = (
        "Take the README's pictures of a demonstration built for them alone; "
        "--all DIR takes every page as each of the main people instead."
    )

    def add_arguments(self, parser):
        parser.add_argument("--all", type=Path, metavar="DIR", help="every page, in both languages and widths")
        parser.add_argument("--person", action="append", help="with --all: only as this person (may be repeated)")
        parser.add_argument("--keep", action="store_true", help="use the demonstration of the last time once more")

    def handle(self, *args, person, keep, **options):
        if not chromium_is_there():
            raise CommandError(INSTALL)
        if Path(settings.DATABASES["default"]["NAME"]) != DATABASE:
            # The settings are read once, so a process of its own works on the throw-away database.
            sys.exit(subprocess.call([sys.executable, *sys.argv], env=_environment()))  # noqa: S603 ourselves again
        _build(keep=keep)
        with _portal() as address, camera(address) as taker:
            if options["all"]:
                self._everything(taker, options["all"], person or MAIN_PEOPLE)
            else:
                self._for_the_readme(taker)

    def _for_the_readme(self, taker: Camera):
        TARGET.mkdir(parents=True, exist_ok=True)
        for picture in PICTURES:
            try:
                path = picture.address()
            except ObjectDoesNotExist as missing:
                raise CommandError(f"The demonstration has nothing to show for {picture.name}: {missing}") from missing
            for name, language, width in picture.shots():
                shot, faults = taker.take(picture.person, path, language, width, press=picture.press)
                if faults:
                    raise CommandError(f"{name} ({path}): {'; '.join(faults)}")
                data = small(shot)
                (TARGET / name).write_bytes(data)
                self.stdout.write(f"{TARGET.relative_to(settings.BASE_DIR) / name}  {len(data) // 1000} kB")

    def _everything(self, taker: Camera, folder: Path, people):
        for person in people:
            mine = folder / (person or "public")
            mine.mkdir(parents=True, exist_ok=True)
            for name, path in taker.pages_of(person).items():
                for language in ("zh", "en"):
                    for width in (375, 1280):
                        shot, faults = taker.take(person, path, language, width, whole=True)
                        (mine / f"{name}-{language}-{width}.png").write_bytes(shot)
                        if faults:
                            self.stdout.write(f"{mine.name} {name} {path} {language} {width}: {'; '.join(faults)}")


def _environment() -> dict[str, str]:
    """Return an environment whose database and files are thrown away, whatever .env says."""
    ours = {"PROFILE": "demo", "DATABASE_URL": f"sqlite:///{DATABASE}", "MEDIA_ROOT": str(WORLD / "media")}
    # Playwright's synchronous API runs inside an event loop, which Django takes for asynchronous code.
    return {**os.environ, **ours, "DJANGO_ALLOW_ASYNC_UNSAFE": "true", "LOG_LEVEL": "WARNING"}


def _build(*, keep: bool) -> None:
    if keep and DATABASE.exists():
        return
    shutil.rmtree(WORLD, ignore_errors=True)
    WORLD.mkdir(parents=True)
    call_command("migrate", verbosity=0)
    call_command("demo", verbosity=0)
    call_command("recount", verbosity=0)


@contextmanager
def _portal() -> Iterator[str]:
    """Serve the portal on a free port of this computer and return its address; it ends with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    log = (WORLD / "portal.log").open("wb")
    command = [sys.executable, "-m", "gunicorn", "portal.wsgi", "--bind", f"127.0.0.1:{port}"]
    command += ["--worker-class", "gthread", "--threads", "4", "--no-control-socket"]
    server = subprocess.Popen(command, stdout=log, stderr=log, cwd=settings.BASE_DIR)  # noqa: S603 fixed words only
    try:
        _wait_for(f"http://127.0.0.1:{port}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()
        log.close()


def _wait_for(address: str, server: subprocess.Popen) -> None:
    until = time.monotonic() + SECONDS
    while time.monotonic() < until and server.poll() is None:
        try:
            urlopen(f"{address}/healthz", timeout=2).close()  # noqa: S310 our own loopback address
        except URLError:
            time.sleep(0.2)
        else:
            return
    raise CommandError(f"The portal did not start; see {WORLD / 'portal.log'}")
