"""The nouns of an organ's own side, split by noun."""

from creation.models.assessments import (
    Answer,
    Assessment,
    Reader,
    ReturnReason,
    SectionDuty,
    StageChange,
    Submission,
    WarningPassed,
)
from creation.models.cycles import BOUNDS, WINDOWS, Cycle
from creation.models.energy import AMOUNTS, ConversionFactor, EnergyFigures, EnergyGoal
from creation.models.evidence import Attachment, Evidence
from creation.models.messages import Digest, Message, MessageChoice
from creation.models.people import AT_ORGAN, IN_REGION, Appointment, User
from creation.models.places import CountChange, Organ, Region, RegionPath, Succession
from creation.models.recognitions import Recognition
from creation.models.records import Event, FormKey, Import
from creation.models.standards import Dimension, Indicator, Standard
from creation.models.tokens import ApiToken

__all__ = [
    "AMOUNTS",
    "AT_ORGAN",
    "BOUNDS",
    "IN_REGION",
    "WINDOWS",
    "Answer",
    "ApiToken",
    "Appointment",
    "Assessment",
    "Attachment",
    "ConversionFactor",
    "CountChange",
    "Cycle",
    "Digest",
    "Dimension",
    "EnergyFigures",
    "EnergyGoal",
    "Event",
    "Evidence",
    "FormKey",
    "Import",
    "Indicator",
    "Message",
    "MessageChoice",
    "Organ",
    "Reader",
    "Recognition",
    "Region",
    "RegionPath",
    "ReturnReason",
    "SectionDuty",
    "StageChange",
    "Standard",
    "Submission",
    "Succession",
    "User",
    "WarningPassed",
]
