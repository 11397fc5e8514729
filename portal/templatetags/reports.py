"""In which forms a report can be had."""

from django import template

from portal.reports.kinds import KINDS
from reviews.models import Report

register = template.Library()


@register.simple_tag
def report_formats(kind: str) -> list[tuple[str, str]]:
    """Return the forms of a report as (value, name)."""
    return [(value, Report.Format(value).label) for value in KINDS[kind].formats]
