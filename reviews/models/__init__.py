"""The nouns of the others' side, split by noun."""

from reviews.models.draws import Draw, DrawnMember, DrawPublication, Pool, PoolMember
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
from reviews.models.on_site import Signature, VisitPhoto
from reviews.models.phones import Phone, PhoneRecord, PhotoUpload
from reviews.models.rates import CompletionRate, RecountRun, Target

__all__ = [
    "CalendarDay",
    "CalendarYear",
    "CompletionRate",
    "Draw",
    "DrawPublication",
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
    "Phone",
    "PhoneRecord",
    "PhotoUpload",
    "Pool",
    "PoolMember",
    "Rating",
    "RecognitionOrder",
    "RecountRun",
    "Signature",
    "Target",
    "TeamMember",
    "Veto",
    "VisitPhoto",
]
