"""What the processes of the delivery tests run: `python -m tests.delivery build|grant N`, on DATABASE_URL."""

import json
import os
import sys
import time

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 the apps are loaded first
from django.db import transaction  # noqa: E402

from creation import clock  # noqa: E402
from creation.actions import recognitions  # noqa: E402
from creation.models import CountChange, Organ  # noqa: E402
from reviews.actions.rates import recount_all  # noqa: E402
from reviews.demo import builders  # noqa: E402


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


if __name__ == "__main__":
    done = build() if sys.argv[1] == "build" else grant(int(sys.argv[2]))
    print(json.dumps(done))  # noqa: T201 read by the test
