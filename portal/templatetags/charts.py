"""A picture in its frame: the sentence, the field it is drawn in, its downloads and its table."""

from django import template
from django.urls import reverse

from portal.charts.chart import Chart
from portal.dashboard import gallery
from portal.dashboard.reading import Page

register = template.Library()


@register.simple_tag
def pictures_of(page: Page) -> dict[str, Chart]:
    """Return the pictures of a region's page by their names."""
    return {chart.name: chart for chart in gallery.charts_of(page)}


@register.inclusion_tag("portal/charts/_chart.html", takes_context=True)
def picture(context, name: str, of: str = "", table: str = ""):
    """Return the frame of the page's picture `of`-`name` (`name` alone without a level), empty where there is none.

    The page brings its `pictures` by name, the `chart_route` to their downloads (the name of the address without its
    kind, and what comes before the picture's name), and `asked_for`, the query that goes with it.
    `table` is the id of a table on the page that holds the same numbers; without one the frame brings its own.
    """
    chart = context["pictures"].get(f"{of}-{name}" if of else name)
    if chart is None:
        return {"chart": None}
    route, *args = context["chart_route"]
    links = {
        kind: reverse(f"{route}_{kind}", args=[*args, chart.name]) + context["asked_for"] for kind in ("svg", "png")
    }
    return {"chart": chart, "table": table, "data_id": f"chart-data-{chart.name}", **links}
