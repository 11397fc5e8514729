"""The nouns of the others' side, split by noun."""

from reviews.models.announcements import RateAnnouncement
from reviews.models.archives import ArchiveExport
from reviews.models.draws import (
    Draw,
    DrawnMember,
    DrawPublication,
    Extension,
    ExtensionPublication,
    Pool,
    PoolMember,
)
from reviews.models.inspections import Finding, FindingPhoto, FindingStep, Inspection, Rating, TeamMember, Veto
from reviews.models.notices import (
    CalendarDay,
    CalendarYear,
    Hearing,
    HearingFile,
    Listing,
    Notice,
    Objection,
    ObjectionFile,
    Objector,
    ObjectorLook,
    RecognitionOrder,
    SetAside,
)
from reviews.models.on_site import Signature, VisitPhoto, VisitStatement
from reviews.models.phones import Phone, PhoneRecord, PhotoUpload
from reviews.models.public_doors import Knock, SpentProof
from reviews.models.rates import CompletionRate, RecountRun, Target
from reviews.models.rechecks import (
    RecheckItem,
    RecheckMember,
    RecheckPaper,
    RecheckRound,
    RevocationCase,
    Verdict,
)
from reviews.models.reports import Report
from reviews.models.sheets import PublishedKey, VerificationSheet
from reviews.models.webhooks import Webhook, WebhookDelivery
from reviews.models.work import TaskState

__all__ = [
    "ArchiveExport",
    "CalendarDay",
    "CalendarYear",
    "CompletionRate",
    "Draw",
    "DrawPublication",
    "DrawnMember",
    "Extension",
    "ExtensionPublication",
    "Finding",
    "FindingPhoto",
    "FindingStep",
    "Hearing",
    "HearingFile",
    "Inspection",
    "Knock",
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
    "PublishedKey",
    "RateAnnouncement",
    "Rating",
    "RecheckItem",
    "RecheckMember",
    "RecheckPaper",
    "RecheckRound",
    "RecognitionOrder",
    "RecountRun",
    "Report",
    "RevocationCase",
    "SetAside",
    "Signature",
    "SpentProof",
    "Target",
    "TaskState",
    "TeamMember",
    "Verdict",
    "VerificationSheet",
    "Veto",
    "VisitPhoto",
    "VisitStatement",
    "Webhook",
    "WebhookDelivery",
]
