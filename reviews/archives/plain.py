"""From rows to plain data: instants, days, people, numbers, findings, and the kept files that a folder needs."""

from dataclasses import dataclass, field
from datetime import date, datetime
from types import SimpleNamespace

from django.utils import timezone

from creation.forms.ratings import found_text, plain
from creation.models import Evidence, Indicator, User
from reviews.archiving import safe_name, unique_name

SHORT = 16  # digits of a hash that name a file


@dataclass
class Papers:
    """The kept files that the organ's folder needs, each once by its hash, with where they lie in it."""

    found: dict[str, Evidence] = field(default_factory=dict)
    names: dict[str, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def path(self, evidence: Evidence) -> str:
        """Return where a kept file lies in the folder, and take it along."""
        sha256 = evidence.sha256
        if sha256 not in self.found:
            self.found[sha256] = evidence
            name = unique_name(f"{sha256[:SHORT]}-{safe_name(evidence.name)}", self.taken)
            self.names[sha256] = f"evidence/{name}"
        return self.names[sha256]


def instant(at: datetime | None) -> str:
    """Return an instant in Asia/Shanghai to the second (2026-11-22 09:00:00+08:00), empty for none."""
    return timezone.localtime(at).isoformat(sep=" ", timespec="seconds") if at else ""


def day_of(at: datetime | None) -> str:
    """Return the day of an instant in Asia/Shanghai, empty for none."""
    return timezone.localdate(at).isoformat() if at else ""


def iso(day: date | None) -> str:
    """Return a day as 2026-11-22, empty for none."""
    return day.isoformat() if day else ""


def name_of(person: User | None) -> str:
    """Return the name of a person, empty for nobody."""
    return person.name if person else ""


def number_of(number: object) -> str:
    """Return a number as text without trailing zeros, empty for none."""
    return "" if number is None else plain(number)


def found_of(indicator: Indicator, found: object, not_applicable: bool, points: object) -> dict:  # noqa: FBT001 two columns of a row
    """Return what a rater found at an item, as kept and in words."""
    return {
        "item": indicator.code,
        "name": indicator.name,
        "found": found,
        "not_applicable": not_applicable,
        "found_text": found_text(indicator, SimpleNamespace(found=found, not_applicable=not_applicable)),
        "points": number_of(points),
        "full_points": plain(indicator.points),
    }
