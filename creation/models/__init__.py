"""The nouns of an organ's own side, split by noun."""

from creation.models.assessments import Answer, Assessment, Reader, ReturnReason, StageChange, Submission
from creation.models.cycles import BOUNDS, WINDOWS, Cycle
from creation.models.evidence import Attachment, Evidence
from creation.models.people import AT_ORGAN, IN_REGION, Appointment, User
from creation.models.places import CountChange, Organ, Region, RegionPath, Succession
from creation.models.recognitions import Recognition
from creation.models.records import Event, FormKey, Import
from creation.models.standards import Dimension, Indicator, Standard

__all__ = [
    "AT_ORGAN",
    "BOUNDS",
    "IN_REGION",
    "WINDOWS",
    "Answer",
    "Appointment",
    "Assessment",
    "Attachment",
    "CountChange",
    "Cycle",
    "Dimension",
    "Event",
    "Evidence",
    "FormKey",
    "Import",
    "Indicator",
    "Organ",
    "Reader",
    "Recognition",
    "Region",
    "RegionPath",
    "ReturnReason",
    "StageChange",
    "Standard",
    "Submission",
    "Succession",
    "User",
]
