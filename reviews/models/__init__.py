"""The nouns of the others' side, split by noun."""

from reviews.models.draws import Draw, DrawnMember, Pool, PoolMember
from reviews.models.inspections import Finding, FindingPhoto, FindingStep, Inspection, Rating, TeamMember, Veto
from reviews.models.notices import (
    CalendarDay,
    CalendarYear,
    Hearing,
    Listing,
    Notice,
    Objection,
    ObjectionFile,
    Objector,
    ObjectorLook,
    RecognitionOrder,
)
from reviews.models.rates import CompletionRate, RecountRun, Target

__all__ = [
    "CalendarDay",
    "CalendarYear",
    "CompletionRate",
    "Draw",
    "DrawnMember",
    "Finding",
    "FindingPhoto",
    "FindingStep",
    "Hearing",
    "Inspection",
    "Listing",
    "Notice",
    "Objection",
    "ObjectionFile",
    "Objector",
    "ObjectorLook",
    "Pool",
    "PoolMember",
    "Rating",
    "RecognitionOrder",
    "RecountRun",
    "Target",
    "TeamMember",
    "Veto",
]
