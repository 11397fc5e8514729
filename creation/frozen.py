"""Which rows of an organ's own side are frozen, and when."""

from creation.guards import append_only, fixed_once, frozen_when, frozen_with_parent, only_columns_change

_PUBLISHED = "P.published_at IS NOT NULL"
_NOT_EDITABLE = "P.stage NOT IN ('draft', 'returned')"
_RECOGNITION = (
    "organ_id",
    "assessment_id",
    "source",
    "batch",
    "document_number",
    "granted_on",
    "valid_until",
    "recorded_by_id",
    "recorded_at",
)
_CYCLE = (
    "region_id",
    "year",
    "batch",
    "calendar_year",
    "standard_id",
    "self_rating_from",
    "self_rating_until",
    "inspection_from",
    "inspection_until",
    "spot_check_from",
    "spot_check_until",
    "publicity_from",
    "publicity_until",
    "notice_days",
    "sample_share",
    "sample_minimum",
    "longer_chance_years",
    "team_size",
    "conflict_years",
    "reminder_days",
    "blind",
    "publish_scores",
    "anonymous_objections",
    "hearing_days",
    "retention_months",
    "recognition_years",
    "opened_at",
)
GUARDS = [
    *append_only("creation_stagechange"),
    *append_only("creation_submission"),
    *append_only("creation_returnreason"),
    *append_only("creation_event"),
    *frozen_with_parent("creation_answer", "assessment_id", "creation_assessment", _NOT_EDITABLE),
    *frozen_with_parent("creation_attachment", "assessment_id", "creation_assessment", _NOT_EDITABLE),
    *frozen_with_parent("creation_warningpassed", "assessment_id", "creation_assessment", _NOT_EDITABLE),
    *frozen_with_parent("creation_energyfigures", "assessment_id", "creation_assessment", _NOT_EDITABLE),
    *append_only("creation_conversionfactor"),
    *append_only("creation_energygoal"),
    *only_columns_change("creation_assessment", ("cycle_id", "organ_id", "started_by_id", "started_at")),
    *only_columns_change("creation_evidence", ("organ_id", "purpose", "sha256", "size", "original", "uploaded_by_id")),
    *frozen_when("creation_standard", "ROW.published_at IS NOT NULL"),
    *frozen_with_parent("creation_dimension", "standard_id", "creation_standard", _PUBLISHED),
    *frozen_with_parent("creation_indicator", "standard_id", "creation_standard", _PUBLISHED),
    *only_columns_change(
        "creation_recognition", _RECOGNITION, once=("revoked_on", "revoke_reason", "revoked_by_id", "replaced_on")
    ),
    *fixed_once("creation_cycle", "OLD.opened_at IS NOT NULL", _CYCLE),
    *only_columns_change("creation_succession", ("kind", "predecessor_id", "successor_id", "effective_on", "reason")),
]
