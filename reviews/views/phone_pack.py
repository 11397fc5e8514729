"""What a phone stores before it leaves the network: everything a visit needs, and no point that the team may not see.

The packs of many visits are read with as many statements as that of one. Labels are in the person's language.
"""

import hashlib
import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from typing import Any

from django.db.models import Count, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from creation import checks, clock, stages
from creation.forms.ratings import plain
from creation.models import Appointment, Attachment, Indicator, StageChange, WarningPassed
from creation.models.named import local
from reviews.actions.landing import standard_of
from reviews.models import Finding, Inspection, Phone, PhoneRecord, Rating, VisitPhoto
from reviews.views.walk import ON_SITE

FILED_FOR = timedelta(days=365)
_STAMP = 16


def visits_of(user):
    """Return the person's visits with what their packs need: the open ones, and those filed within a year."""
    recent = Q(filed_at__isnull=True) | Q(filed_at__gte=clock.now() - FILED_FOR)
    is_rated = Q(ratings__found__isnull=False) | Q(ratings__not_applicable=True)
    return (
        Inspection.objects.of(user)
        .filter(recent)
        .with_file()
        .prefetch_related(
            "assessment__cycle__standard__indicators", "assessment__cycle__standard__dimensions", "members__user"
        )
        .annotate(rated=Count("ratings", filter=is_rated & Q(ratings__indicator__bonus=False), distinct=True))
        .order_by("visit_on", "pk")
    )


class Packs:
    """The packs of some visits; each kind of row is read once for all of them."""

    def __init__(self, visits: Iterable[Inspection]):
        self.visits = list(visits)
        mine = {"inspection__in": self.visits}
        files = [visit.assessment_id for visit in self.visits]
        self.ratings = _by(Rating.objects.filter(**mine).select_related("saved_by"), "inspection_id")
        self.findings = _by(Finding.objects.filter(**mine).select_related("indicator"), "inspection_id")
        photos = VisitPhoto.objects.filter(**mine).order_by().values("inspection_id", "indicator_id")
        self.photos = {(row["inspection_id"], row["indicator_id"]): row["n"] for row in photos.annotate(n=Count("pk"))}
        attached = Attachment.objects.filter(assessment__in=files).select_related("evidence")
        self.evidence = _by(attached, "assessment_id")
        self.warnings = _by(WarningPassed.objects.filter(assessment__in=files), "assessment_id")
        self.earlier = _earlier_findings(self.visits)
        self.contacts = _contacts(self.visits)

    def pack(self, visit: Inspection) -> dict[str, Any]:
        """Return the pack of one of the visits, with the stamp that changes whenever anything else in it does."""
        pack = {**self._head(visit), **self._body(visit)}
        text = json.dumps(pack, ensure_ascii=False, sort_keys=True)
        return {**pack, "stamp": hashlib.sha256(text.encode()).hexdigest()[:_STAMP]}

    def _head(self, visit: Inspection) -> dict[str, Any]:
        organ, standard = visit.assessment.organ, visit.assessment.cycle.standard
        return {
            "id": visit.pk,
            "kind": visit.kind,
            "kind_label": visit.get_kind_display(),
            "visit_on": visit.visit_on.isoformat(),
            "standard": standard_of(visit),
            "standard_name": str(standard),
            "organ": {
                "name": str(organ),
                "credit_code": organ.credit_code,
                "address": organ.address,
                "region": str(organ.region),
            },
            "contacts": self.contacts[visit.pk],
            "lead": {"id": visit.lead_id, "name": str(visit.lead)},
            "members": [{"id": member.user_id, "name": str(member.user)} for member in visit.members.all()],
            "may_find": not visit.is_spot_check,
        }

    def _body(self, visit: Inspection) -> dict[str, Any]:
        standard = visit.assessment.cycle.standard
        dimensions = {dimension.pk: dimension for dimension in standard.dimensions.all()}
        indicators = sorted(standard.indicators.all(), key=lambda each: (ON_SITE not in each.check_by, each.position))
        return {
            "dimensions": [{"code": each.code, "name": str(each)} for each in dimensions.values()],
            "items": [self._item(visit, each, dimensions) for each in indicators],
            "findings": [_finding(each) for each in self.findings[visit.pk]],
            "last_findings": [_earlier(each) for each in self.earlier[visit.pk]],
        }

    def _item(self, visit: Inspection, indicator: Indicator, dimensions: dict) -> dict[str, Any]:
        ratings = {rating.indicator_id: rating for rating in self.ratings[visit.pk]}
        dimension = dimensions.get(indicator.dimension_id)
        return {
            "code": indicator.code,
            "name": str(indicator),
            "dimension": dimension.code if dimension else "",
            "points": plain(indicator.points),
            "gate": indicator.gate,
            "bonus": indicator.bonus,
            "site": ON_SITE in indicator.check_by,
            "not_applicable": indicator.not_applicable,
            "evidence_text": indicator.evidence_text,
            "published": indicator.points_source == "published",
            "rubric": rubric(indicator.rubric),
            "rating": _rating(ratings.get(indicator.pk)),
            "evidence": [
                {
                    "name": attached.evidence.name,
                    "size": attached.evidence.size,
                    "url": reverse("evidence_file", args=[attached.evidence_id]),
                }
                for attached in self.evidence[visit.assessment_id]
                if attached.indicator_id == indicator.pk
            ],
            "warnings": [
                {"text": checks.label_of(each.kind), "reason": each.reason}
                for each in self.warnings[visit.assessment_id]
                if each.indicator_id == indicator.pk
            ],
            "last_findings": [
                _earlier(each) for each in self.earlier[visit.pk] if each.indicator.code == indicator.code
            ],
            "photos": self.photos.get((visit.pk, indicator.pk), 0),
        }


def _by(rows: Iterable, key: str) -> defaultdict[int, list]:
    """Return the rows in lists by one of their columns."""
    found: defaultdict[int, list] = defaultdict(list)
    for row in rows:
        found[getattr(row, key)].append(row)
    return found


# --- rubrics --------------------------------------------------------------------------------------------------------


def _label(entry: Mapping[str, Any], key: str) -> str:
    text = entry.get(key) or {}
    return local(text.get("zh", ""), text.get("en", ""))


def _labelled(name: str) -> Callable[[Mapping[str, Any]], dict[str, Any]]:
    def entries(raw: Mapping[str, Any]) -> dict[str, Any]:
        return {name: [{"label": _label(each, "label"), "points": plain(each["points"])} for each in raw[name]]}

    return entries


def _counted(raw: Mapping[str, Any]) -> dict[str, Any]:
    return {"label": _label(raw, "counts"), "each": plain(raw["each"])}


def _banded(raw: Mapping[str, Any]) -> dict[str, Any]:
    bands = [{"at_least": plain(band["at_least"]), "points": plain(band["points"])} for band in raw["bands"]]
    return {"label": _label(raw, "measure"), "unit": raw.get("unit", ""), "bands": bands}


_RUBRICS: Mapping[str, Callable[[Mapping[str, Any]], dict[str, Any]]] = {
    "gate": lambda _raw: {},
    "checklist": _labelled("parts"),
    "levels": _labelled("levels"),
    "additive": _counted,
    "deductive": _counted,
    "banded": _banded,
}


def rubric(raw: Mapping[str, Any]) -> dict[str, Any]:
    """Return a rubric as the phone shows it: its method, and labels in the person's language."""
    return {"method": raw["method"], **_RUBRICS[raw["method"]](raw)}


# --- rows -----------------------------------------------------------------------------------------------------------


def _rating(row: Rating | None) -> dict[str, Any] | None:
    if row is None:
        return None
    return {
        "found": row.found,
        "not_applicable": row.not_applicable,
        "remark": row.remark,
        "cannot_check": row.cannot_check,
        "version": row.version,
        "by": str(row.saved_by),
        "at": row.saved_at.isoformat(),
    }


def _finding(row: Finding) -> dict[str, Any]:
    return {
        "id": row.pk,
        "item": row.indicator.code,
        "kind": row.kind,
        "text": row.text,
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "state": row.state,
        "state_label": row.get_state_display(),
    }


def _earlier(row: Finding) -> dict[str, Any]:
    return {
        "year": row.inspection.assessment.cycle.year,
        "item": row.indicator.code,
        "text": row.text,
        "state": row.get_state_display(),
    }


def _earlier_findings(visits: list[Inspection]) -> dict[int, list[Finding]]:
    """Return what filed inspections of earlier rounds found at the same organs, the latest first."""
    organs = {visit.assessment.organ_id for visit in visits}
    rows = _by_organ(
        Finding.objects.filter(inspection__assessment__organ__in=organs, inspection__filed_at__isnull=False)
        .select_related("indicator", "inspection__assessment__cycle")
        .order_by("-inspection__assessment__cycle__year", "indicator__position", "pk")
    )
    return {
        visit.pk: [
            row
            for row in rows[visit.assessment.organ_id]
            if row.inspection.assessment.cycle.year < visit.assessment.cycle.year
        ]
        for visit in visits
    }


def _by_organ(rows: Iterable[Finding]) -> defaultdict[int, list[Finding]]:
    found: defaultdict[int, list[Finding]] = defaultdict(list)
    for row in rows:
        found[row.inspection.assessment.organ_id].append(row)
    return found


def _contacts(visits: list[Inspection]) -> dict[int, list[dict[str, str]]]:
    """Return the organs' clerks on the day of each visit, or today when that is past: whom the team calls."""
    organs = {visit.assessment.organ_id for visit in visits}
    posts = Appointment.objects.filter(organ__in=organs, role="clerk", user__is_active=True).select_related("user")
    held = _by(posts.order_by("user__username"), "organ_id")

    def of(visit: Inspection) -> list[dict[str, str]]:
        day = max(visit.visit_on, clock.today())
        clerks = {
            post.user_id: post.user
            for post in held[visit.assessment.organ_id]
            if post.starts_on <= day and (post.ends_on is None or post.ends_on >= day)
        }
        return [{"name": str(user), "phone": user.phone} for user in clerks.values()]

    return {visit.pk: of(visit) for visit in visits}


# --- the list -------------------------------------------------------------------------------------------------------


def summaries(user, device=None) -> list[dict[str, Any]]:
    """Return a line for each of the person's visits, as the phone lists them; `device` narrows what is ready there."""
    visits = list(visits_of(user))
    packs = Packs([visit for visit in visits if not visit.is_filed])
    here = Phone.objects.filter(inspection__in=visits, user=user)
    here = here.filter(device=device) if device else here
    ready = set(here.filter(ready_at__isnull=False).values_list("inspection_id", flat=True))
    returned = _returned(packs.visits)
    landed = _landed(visits, user)
    lines = []
    for visit in visits:
        stamp = f"filed-{visit.sha256[:_STAMP]}" if visit.is_filed else packs.pack(visit)["stamp"]
        comment = returned.get(visit.pk)
        lines.append(
            {
                "id": visit.pk,
                "organ": str(visit.assessment.organ),
                "region": str(visit.assessment.organ.region),
                "address": visit.assessment.organ.address,
                "visit_on": visit.visit_on.isoformat(),
                "kind": visit.kind,
                "kind_label": visit.get_kind_display(),
                "state": "filed" if visit.is_filed else "to_do" if comment is None else "returned",
                "comment": comment or "",
                "items": sum(not each.bonus for each in visit.assessment.cycle.standard.indicators.all()),
                "rated": visit.rated,
                "on_server": landed[visit.pk],
                "ready": visit.pk in ready,
                "stamp": stamp,
                "url": reverse("inspection_detail", args=[visit.pk]),
            }
        )
    return lines


def _landed(visits: list[Inspection], user) -> dict[int, dict[str, int]]:
    is_photo = Q(kind=PhoneRecord.Kind.PHOTO)
    rows = PhoneRecord.objects.filter(inspection__in=visits, by=user).order_by().values("inspection_id")
    counts = {
        row["inspection_id"]: {"records": row["things"], "photos": row["photos"]}
        for row in rows.annotate(things=Count("pk", filter=~is_photo), photos=Count("pk", filter=is_photo))
    }
    return {visit.pk: counts.get(visit.pk, {"records": 0, "photos": 0}) for visit in visits}


def _returned(visits: list[Inspection]) -> dict[int, str]:
    """Return a comment for each visit that came back to its team: answers to judge, or accepted after rectification."""
    files = [visit.assessment_id for visit in visits]
    last = {}
    for change in StageChange.objects.filter(assessment__in=files).order_by("assessment_id", "number"):
        last[change.assessment_id] = change
    answered = set(
        Finding.objects.filter(inspection__in=visits, state=Finding.State.ANSWERED).values_list(
            "inspection_id", flat=True
        )
    )
    comments = {}
    for visit in visits:
        change = last.get(visit.assessment_id)
        if visit.pk in answered:
            comments[visit.pk] = _("The organ has answered findings: judge the answers.")
        elif change is not None and change.step == "rectified" and visit.assessment.stage == stages.UNDER_INSPECTION:
            comments[visit.pk] = change.note or _(
                "All findings are rectified and accepted: check the ratings and file."
            )
    return comments
