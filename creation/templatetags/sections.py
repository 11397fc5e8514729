"""Who has which section of a self-rating, wherever a page shows one."""

from django import template
from django.db.models import prefetch_related_objects

from creation import rules, stages
from creation.models import Assessment, Dimension, SectionDuty

register = template.Library()


@register.inclusion_tag("creation/_section_duty.html")
def section_duty(file: Assessment, dimension: Dimension | None, user, *, links: bool = True) -> dict:
    """Show who has the section, and with `links` the way to hand it over; read once however many sections there are."""
    duty = _duties(file).get(dimension.pk if dimension else None)
    may_give = links and file.stage in stages.BEFORE_SUBMISSION and rules.may(user, "file.answer", file)
    return {"file": file, "duty": duty, "is_mine": duty is not None and duty.user_id == user.pk, "may_give": may_give}


@register.simple_tag
def my_sections_first(sections, file: Assessment, user) -> list:
    """Return the sections (each with its `dimension`) with those of the reader first, otherwise in their order."""
    duties = _duties(file)

    def is_others(section) -> bool:
        duty = duties.get(section.dimension.pk if section.dimension else None)
        return duty is None or duty.user_id != user.pk

    return sorted(sections, key=is_others)


def _duties(file: Assessment) -> dict[int | None, SectionDuty]:
    prefetch_related_objects([file], "duties__user")
    return {duty.dimension_id: duty for duty in file.duties.all()}
