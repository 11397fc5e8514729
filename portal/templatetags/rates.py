"""A column's head that sorts by link, and a figure that leads to what it counts."""

from datetime import date
from functools import lru_cache
from urllib.parse import urlencode

from django import template
from django.urls import get_script_prefix, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString

register = template.Library()


@register.simple_tag(takes_context=True)
def sortable(context, key: str, label: str) -> SafeString:
    """Return the head of a column of numbers as a link: largest first, and the other way round when asked again.

    The page's `query` is what stands in its address.
    """
    query = context["query"].copy()
    now = query.get("sort", "")
    query["sort"] = key if now == f"-{key}" else f"-{key}"
    order = {key: "ascending", f"-{key}": "descending"}.get(now)
    return format_html(
        '<th scope="col" class="num"{}><a href="?{}">{}</a></th>',
        format_html(' aria-sort="{}"', order) if order else "",
        query.urlencode(),
        label,
    )


@register.filter
def signed(number: int) -> str:
    """Return a difference with its sign: +3, −1, and 0."""
    return f"{number:+d}".replace("-", "−") if number else "0"


@register.simple_tag(takes_context=True)
def counted(context, number: object, figure: str, level: str, *, row=None, day: date | None = None) -> SafeString:
    """Return a figure of a rates page as a link to what it counts: the organs or titles behind it, and why.

    `row` is a line of a table and names its region; one whose page the reader may not open is shown on the page at
    hand, narrowed to it. `day` is the day of the figure, by default that of the page. A dash where there is none.
    """
    if number is None:
        return SafeString("–")
    return format_html('<a class="counted" href="{}">{}</a>', counted_at(context, figure, level, row, day), number)


@register.simple_tag(takes_context=True)
def counted_at(context, figure: str, level: str, row=None, day: date | None = None) -> str:
    """Return the address of what a figure counts."""
    page = context.get("page")
    place = context.get("place") or page.place
    region = row.region if row else None
    opens = region is not None and row.is_readable
    asked = {"level": level, "what": figure}
    if region is not None and not opens:
        asked["within"] = region.code
    if day is None and page is not None and getattr(page, "is_past", False):
        day = page.figures.day
    if day is not None:
        asked["as_of"] = day.isoformat()
    code = region.code if opens else place.region.code
    return f"{_counted_page(get_script_prefix(), code)}?{urlencode(asked)}#list"


@lru_cache(maxsize=1024)
def _counted_page(_prefix: str, code: str) -> str:
    """Return the address of a region's counts: a page leads there some hundred times."""
    return reverse("dashboard_counted", args=[code])
