"""The list of a notice as the public and its preview show it."""

from django.db.models import F, FilteredRelation, Q

from creation.models import Region
from creation.models.named import local
from reviews.models import Notice, Objection

COLUMNS = (
    "number",
    "organ_name",
    "organ_name_en",
    "region_name",
    "region_name_en",
    "level",
    "batch",
    "assessment__recognition__granted_on",
    "assessment__recognition__document_number",
    "outcome__state",
    "outcome__reason",
    "outcome__decided_at",
)


def listed_rows(notice: Notice) -> list[dict]:
    """Return the organs of a notice in order, with decided objections and, where the round publishes them, points.

    One statement: an organ with several decisions comes back several times and is put together here. Open objections
    and who objected are never read.
    """
    rows = notice.listings.annotate(
        outcome=FilteredRelation("objections", condition=~Q(objections__state=Objection.State.OPEN))
    )
    columns = {}
    if notice.cycle.publish_scores:
        rows = rows.annotate(
            visit=FilteredRelation("assessment__inspections", condition=Q(assessment__inspections__kind="inspection"))
        )
        columns = {"points": F("visit__total")}
    found: dict[int, dict] = {}
    for row in rows.order_by("number", "outcome__decided_at").values(*COLUMNS, **columns):
        shown = found.setdefault(row["number"], _shown(row))
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
        "points": row.get("points"),
        "outcomes": [],
    }
