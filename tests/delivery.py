"""What processes of the delivery tests run on DATABASE_URL: `python -m tests.delivery build|grant|running|ended`."""

import json
import os
import sys
import time
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 the apps are loaded first
from django.db import transaction  # noqa: E402

from creation import clock, guards, stages  # noqa: E402
from creation.actions import files, recognitions  # noqa: E402
from creation.models import CountChange, Organ, Region  # noqa: E402
from reviews.actions.rates import recount_all  # noqa: E402
from reviews.demo import builders  # noqa: E402
from reviews.models import Notice  # noqa: E402


def build() -> dict:
    """Make a small counted world in an empty database."""
    call_command("migrate", verbosity=0)
    city = builders.make_region("110000", "北京市", "city")
    district = builders.make_region("110101", "东城区", "district", city)
    for number in range(30):
        builders.make_organ(district, number)
    recount_all()
    return {"region": district.pk}


def grant(number: int) -> dict:
    """Recognise so many organs, each in its own transaction; say how many seconds it took."""
    seconds = []
    for organ in Organ.objects.filter(recognitions=None)[:number]:
        began = time.perf_counter()
        with transaction.atomic():
            recognitions.grant(organ, batch="b", document_number="1号", granted_on=clock.today(), by=None)
        seconds.append(time.perf_counter() - began)
    return {
        "first": seconds[0],
        "others": sum(seconds[1:]),
        "granted": len(seconds),
        "waiting": CountChange.objects.count(),
    }


def running(password: str) -> dict:
    """Bring one organ's file onto a notice that runs, with an official who signs in with the password."""
    city, district = Region.objects.get(kind="city"), Region.objects.get(kind="district")
    organ = Organ.objects.last()
    posts = {
        "official": ("official", district),
        "inspector": ("inspector", district),
        "inspector2": ("inspector", district),
        "superior": ("official", city),
        "checker": ("inspector", city),
        "checker2": ("inspector", city),
        "clerk": ("clerk", organ),
        "signatory": ("signatory", organ),
    }
    cast = {name: builders.make_person(name, post) for name, post in posts.items()}
    cast["city"] = builders.make_person("city", ("official", city), password=password)
    cycle = builders.make_cycle(city, builders.make_standard(by=cast["city"]), by=cast["city"])
    builders.bring_to(files.start(organ, cycle, by=cast["clerk"]), stages.PUBLICISED, cast)
    return {"notice": Notice.objects.get().pk}


def ended(password: str) -> dict:
    """Bring one organ's file onto a notice that has ended, with an official who signs in with the password."""
    notice = running(password)
    with guards.without_guards():  # a published notice does not change, and the demonstration's clock is not ours
        yesterday = clock.today() - timedelta(days=1)
        Notice.objects.update(first_day=yesterday - timedelta(days=9), last_day=yesterday)
    recount_all()
    return notice


if __name__ == "__main__":
    what, *words = sys.argv[1:]
    verbs = {"build": build, "grant": lambda number: grant(int(number)), "running": running, "ended": ended}
    done = verbs[what](*words)
    print(json.dumps(done))  # noqa: T201 read by the test
