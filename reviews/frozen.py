"""Which rows of the others' side are frozen, and when."""

from creation.guards import append_only, frozen_when, frozen_with_parent

_FILED = "P.filed_at IS NOT NULL"
GUARDS = [
    *frozen_when("reviews_inspection", "ROW.filed_at IS NOT NULL"),
    *frozen_with_parent("reviews_rating", "inspection_id", "reviews_inspection", _FILED),
    *frozen_with_parent("reviews_teammember", "inspection_id", "reviews_inspection", _FILED),
    *frozen_with_parent("reviews_veto", "inspection_id", "reviews_inspection", _FILED),
    *frozen_with_parent("reviews_finding", "inspection_id", "reviews_inspection", _FILED),
    *append_only("reviews_findingstep"),
    *append_only("reviews_findingphoto"),
    *append_only("reviews_pool"),
    *append_only("reviews_poolmember"),
    *append_only("reviews_draw"),
    *append_only("reviews_drawnmember"),
    *frozen_when("reviews_notice", "ROW.published_at IS NOT NULL"),
    *frozen_with_parent("reviews_listing", "notice_id", "reviews_notice", "P.published_at IS NOT NULL"),
    *frozen_when("reviews_objection", "ROW.state <> 'open'"),
    *append_only("reviews_hearing"),
    *append_only("reviews_objectorlook"),
]
