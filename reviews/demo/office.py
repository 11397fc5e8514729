"""An office that shares its work: a section given to a colleague, a certificate about to expire and one that has."""

from datetime import timedelta

from creation import clock, stages
from creation.actions import evidence, sections
from creation.models import Assessment, Dimension, Organ, User
from reviews.demo import papers
from reviews.demo.people import appoint_at

COLLEAGUE = "clerk2"
# what each paper is called, how it is titled, and how many days from today its last day lies
DATED = (
    ("节水型单位证书.pdf", "Certificate of a water-saving unit", 12),
    ("生活垃圾清运合同.pdf", "Contract for the collection of waste", -21),
)


def share_an_office(clerk: User) -> None:
    """Give each of the clerk's libraries two dated papers, and one section of an open file to a second clerk."""
    for organ in Organ.objects.filter(pk__in=clerk.organ_ids()):
        for name, title, days in DATED:
            piece = evidence.upload_evidence(organ, papers.paper(name, organ.credit_code, title), by=clerk)
            evidence.set_expiry(piece, day=clock.today() + timedelta(days=days), by=clerk)
    file = Assessment.objects.filter(organ__in=clerk.organ_ids(), stage__in=stages.EDITABLE).order_by("pk").last()
    if file is not None:
        appoint_at(file.organ, {"clerk": COLLEAGUE})
        section = Dimension.objects.filter(standard=file.cycle.standard).order_by("position")[2]
        sections.give_section(file, section, to=User.objects.get(username=COLLEAGUE), by=clerk)
