"""A phone of the suite: it sends what a phone sends, over HTTP, and remembers nothing that a killed tab would lose."""

import hashlib
from uuid import uuid4

from reviews.demo import phones as built


def wire(record):
    """Return a built record as it goes over the line."""
    return {
        "key": str(record.key),
        "number": record.number,
        "kind": record.kind,
        "subject": record.subject,
        "payload": record.payload,
        "sha256": record.sha256,
        "recorded_at": record.recorded_at.isoformat(),
    }


class Phone:
    """One device with one person's session and one visit."""

    def __init__(self, client, visit, user, device=None):
        self.client, self.visit, self.user, self.device = client, visit, user, device or uuid4()
        self.number = 0

    def sender(self, **more):
        """Return what every record carries: device, person, the next number and a key of its own."""
        self.number += 1
        return {"device": self.device, "number": self.number, "by": self.user, "key": uuid4()} | more

    def rating(self, code, said, **more):
        """Return a rating of the item `code`, ready to be sent."""
        indicator = self.visit.assessment.cycle.standard.indicators.get(code=code)
        return wire(built.a_rating(self.visit, indicator, said, **self.sender(**more)))

    def finding(self, code, said=None, **more):
        """Return a finding at the item `code`, ready to be sent."""
        indicator = self.visit.assessment.cycle.standard.indicators.get(code=code)
        return wire(built.a_finding(self.visit, indicator, said or {}, **self.sender(**more)))

    def record(self, kind, subject, said, **more):
        """Return any record, ready to be sent."""
        return wire(built.a_record(self.visit, kind, subject, said, **self.sender(**more)))

    def post(self, path, body, **headers):
        """Post JSON to an address of the visit and return the answer."""
        url = f"/visits/{self.visit.pk}/{path}"
        return self.client.post(url, body, content_type="application/json", headers=headers)

    def batch(self, *records, **more):
        """Return the body of a batch."""
        made = {"records": self.number, "photos": 0}
        return {"device": str(self.device), "user": self.user.pk, "made": made, "records": list(records)} | more

    def send(self, *records):
        """Send a batch and return its results."""
        answer = self.post("records/", self.batch(*records))
        assert answer.status_code == 200, answer.content
        return answer.json()["results"]

    def states(self, *records):
        """Send a batch and return (state, reason) of each record."""
        return [(result["state"], result["reason"]) for result in self.send(*records)]

    def announcement(self, content, **more):
        """Return the announcement of a photo."""
        announced = {
            "device": str(self.device),
            "user": self.user.pk,
            "key": str(uuid4()),
            "number": 1,
            "sha256": hashlib.sha256(content).hexdigest(),
            "size": len(content),
            "item": "3.4",
            "finding": None,
            "taken_at": "2026-11-20T10:11:12+08:00",
            "latitude": 39.9175,
            "longitude": 116.3972,
            "accuracy": 12.4,
        }
        return announced | more

    def announce(self, announced):
        """Announce a photo and return the answer's JSON."""
        answer = self.post("photos/", announced)
        assert answer.status_code == 200, answer.content
        return answer.json()

    def chunk(self, key, offset, piece):
        """Send a piece of a photo and return the answer."""
        return self.client.generic(
            "POST",
            f"/visits/{self.visit.pk}/photos/{key}/?offset={offset}",
            piece,
            content_type="application/octet-stream",
        )

    def photo(self, content, announced, size=4000):
        """Send a photo as a phone does: announce, then piece by piece from where the server is; return the receipt."""
        answer = self.announce(announced)
        while not answer["done"]:
            offset = answer["received"]
            answer = self.chunk(announced["key"], offset, content[offset : offset + size]).json()
        return answer
