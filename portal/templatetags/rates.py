"""A column's head that sorts by link."""

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def sortable(context, key: str, label: str) -> SafeString:
    """Return the head of a column of numbers as a link: largest first, and the other way round when asked again."""
    query = context["request"].GET.copy()
    now = query.get("sort", "")
    query["sort"] = key if now == f"-{key}" else f"-{key}"
    order = {key: "ascending", f"-{key}": "descending"}.get(now)
    return format_html(
        '<th scope="col" class="num"{}><a href="?{}">{}</a></th>',
        format_html(' aria-sort="{}"', order) if order else "",
        query.urlencode(),
        label,
    )
