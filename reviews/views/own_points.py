"""The moment at which a blind team has finished its own points, and both raters' points side by side after it."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from creation.forms.ratings import found_text, plain
from creation.rules import may, require
from creation.views.taking import take
from reviews.actions.comparison import finish_own_points
from reviews.forms.inspections import EmptyForm
from reviews.views.comparison import may_read_self, signed
from reviews.views.inspections import about, visit_in_scope
from reviews.views.walk import Item, Walk


def inspection_comparison(request: HttpRequest, pk: int) -> HttpResponse:
    """Finish the own points (the lead), and from then on show them beside the organ's with the way to change one."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.read_ratings", visit)
    form = EmptyForm(request.POST or None)
    if request.method == "POST":
        require(request.user, "inspection.file", visit)
        response = take(
            request,
            lambda: finish_own_points(visit, by=request.user),
            to=reverse("inspection_comparison", args=[pk]),
            done=_("The own points are finished. The organ's stand beside them now."),
            form=form,
        )
        if response:
            return response
        visit = visit_in_scope(request, pk)
    walk = Walk(visit)
    shows = visit.own_points_at is not None and may_read_self(request.user, visit.assessment)
    context = {
        **about(request, visit, walk),
        "form": form,
        "shows": shows,
        "lines": _lines(walk) if shows else [],
        "can_change": walk.can_rate and may(request.user, "inspection.rate", visit),
        "possible": walk.can_rate and visit.assessment.cycle.blind and not visit.is_spot_check,
    }
    return render(request, "reviews/inspection_comparison.html", context)


def _lines(walk: Walk) -> list[dict]:
    answers = {answer.indicator_id: answer for answer in walk.visit.assessment.answers.all()}
    return [_line(item, answers.get(item.indicator.pk)) for item in walk.items]


def _line(item: Item, answer) -> dict:
    row = item.rating
    known = row is not None and answer is not None and row.points is not None and answer.points is not None
    return {
        "item": item,
        "own": "–" if row is None or row.points is None else plain(row.points),
        "organ": "–" if answer is None or answer.points is None else plain(answer.points),
        "organ_text": found_text(item.indicator, answer),
        "deviation": signed(row.points - answer.points if known else None),
        "differs": bool(known and row.points != answer.points),
        "changed": row is not None and row.changed_at is not None,
        "first": "–" if row is None or row.first_points is None else plain(row.first_points),
    }
