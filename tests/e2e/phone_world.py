"""What the processes of tests with their own server run on DATABASE_URL: `-m tests.e2e.phone_world build|report`."""

import hashlib
import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "portal.settings")
django.setup()

from django.core.management import call_command  # noqa: E402 the apps are loaded first
from django.test import Client  # noqa: E402

from creation import stages  # noqa: E402
from creation.actions import files  # noqa: E402
from creation.models import User  # noqa: E402
from reviews.demo import builders  # noqa: E402
from reviews.models import Inspection, Phone, PhoneRecord, VisitPhoto  # noqa: E402


def build() -> dict:
    """Make a small world with one visit that waits to be rated and one draft; sign the inspectors and its clerk in."""
    call_command("migrate", verbosity=0)
    city = builders.make_region("110000", "北京市", "city")
    district = builders.make_region("110101", "东城区", "district", city)
    organ = builders.make_organ(district, 1, address="东城区演示路1号")
    neighbour = builders.make_organ(district, 2)
    posts = {
        "city": ("official", city),
        "official": ("official", district),
        "inspector": ("inspector", district),
        "inspector2": ("inspector", district),
        "clerk": ("clerk", organ),
        "signatory": ("signatory", organ),
        "clerk2": ("clerk", neighbour),
    }
    cast = {name: builders.make_person(name, post) for name, post in posts.items()}
    cycle = builders.make_cycle(city, builders.make_standard(by=cast["city"]), by=cast["city"])
    builders.bring_to(files.start(organ, cycle, by=cast["clerk"]), stages.UNDER_INSPECTION, cast)
    draft = files.start(neighbour, cycle, by=cast["clerk2"])
    return {
        "visit": Inspection.objects.get().pk,
        "draft": draft.pk,
        "organ": str(organ),
        "sessions": {name: signed_in(name) for name in ("inspector", "inspector2", "clerk2")},
    }


def signed_in(username: str) -> dict:
    """Return name and value of the cookie of a session in which the person is signed in."""
    client = Client()
    client.force_login(User.objects.get(username=username), backend="django.contrib.auth.backends.ModelBackend")
    [(name, morsel)] = client.cookies.items()
    return {"name": name, "value": morsel.value}


def _hash(file) -> str:
    with file.open("rb") as opened:
        return hashlib.sha256(opened.read()).hexdigest()


def report() -> dict:
    """Say what has landed, with the hash of each photo as it lies on the disk."""
    visit = Inspection.objects.get()
    photos = VisitPhoto.objects.select_related("evidence")
    records = PhoneRecord.objects.order_by("number")
    return {
        "photos": {str(each.key): _hash(each.evidence.original) for each in photos},
        "receipts": {str(each.key): each.sha256 for each in records.filter(kind="photo")},
        "states": sorted(set(records.values_list("state", flat=True))),
        "reasons": sorted(set(records.exclude(reason="").values_list("reason", flat=True))),
        "ratings": {each.indicator.code: each.found for each in visit.ratings.select_related("indicator")},
        "findings": list(visit.findings.values_list("text", flat=True)),
        "signatures": sorted(visit.signatures.values_list("side", flat=True)),
        "made": list(Phone.objects.values_list("records_made", "photos_made")),
        "records": records.exclude(kind="photo").count(),
        "ready": Phone.objects.exclude(ready_at=None).count(),
        "senders": sorted(set(records.values_list("by__username", flat=True))),
    }


if __name__ == "__main__":
    print(json.dumps({"build": build, "report": report}[sys.argv[1]]()))  # noqa: T201 read by the test
