"""The list of a notice as the public and its preview show it."""

from decimal import Decimal

from django.db.models import FilteredRelation, Q

from creation import scoring
from creation.models import Region
from creation.models.named import local
from reviews.models import Inspection, Notice, Objection

COLUMNS = (
    "number",
    "assessment",
    "organ_name",
    "organ_name_en",
    "region_name",
    "region_name_en",
    "level",
    "batch",
    "assessment__recognition__granted_on",
    "assessment__recognition__document_number",
    "assessment__recognition__revoked_on",
    "outcome__state",
    "outcome__reason",
    "outcome__decided_at",
)


def listed_rows(notice: Notice) -> list[dict]:
    """Return the organs of a notice in order, with decided objections and, where the round publishes them, points.

    One statement, and a few more for points, however long the list: an organ with several decisions comes back several
    times and is put together here. Open objections and who objected are never read.
    """
    rows = notice.listings.annotate(
        outcome=FilteredRelation("objections", condition=~Q(objections__state=Objection.State.OPEN))
    )
    points = _points(notice) if notice.cycle.publish_scores else {}
    found: dict[int, dict] = {}
    for row in rows.order_by("number", "outcome__decided_at").values(*COLUMNS):
        shown = found.setdefault(row["number"], _shown(row) | {"points": points.get(row["assessment"])})
        if row["outcome__state"]:
            shown["outcomes"].append(
                {
                    "label": Objection.State(row["outcome__state"]).label,
                    "reason": row["outcome__reason"],
                    "at": row["outcome__decided_at"],
                }
            )
    return list(found.values())


def _shown(row: dict) -> dict:
    return {
        "number": row["number"],
        "organ": local(row["organ_name"], row["organ_name_en"]),
        "region": local(row["region_name"], row["region_name_en"]),
        "level": Region.Kind(row["level"]).label,
        "batch": row["batch"],
        "granted_on": row["assessment__recognition__granted_on"],
        "document_number": row["assessment__recognition__document_number"],
        "revoked_on": row["assessment__recognition__revoked_on"],
        "outcomes": [],
    }


def _points(notice: Notice) -> dict[int, Decimal]:
    """Return the inspection's total of each file on the notice, rounded half up: no pass mark stands beside it.

    The total kept with a visit is the one rounded down, made to be shown beside the pass mark (the portal's
    specification, section 4), so this one is reckoned from the frozen ratings.
    """
    rulebook = notice.cycle.standard.rulebook()
    visits = Inspection.objects.filter(
        kind=Inspection.Kind.INSPECTION, filed_at__isnull=False, assessment__listing__notice=notice
    ).prefetch_related("ratings__indicator")
    return {
        visit.assessment_id: scoring.rate(
            rulebook, {rating.indicator.code: rating.found_value() for rating in visit.ratings.all()}
        ).total_rounded
        for visit in visits
    }
