"""Visits: my visits, one visit, one item after the other, vetoes, rectification and filing."""

from types import SimpleNamespace

from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creation import clock, scoring, stages
from creation.errors import Overtaken
from creation.forms.ratings import RatingForm, found_text, rating_form
from creation.models import Appointment, Indicator, User
from creation.rules import may, require
from creation.views.taking import take
from reviews.actions import findings as finding_verbs
from reviews.actions import inspections as verbs
from reviews.actions.teams import PERMISSION
from reviews.forms.inspections import FilingForm, RectifyForm, VetoForm
from reviews.models import Finding, Inspection, Veto
from reviews.views.comparison import may_read_self
from reviews.views.walk import Item, Walk, next_step

PER_PAGE = 50
ORDERS = {
    "open": ("visit_on", "assessment__organ__region__position", "assessment__organ__credit_code", "pk"),
    "filed": ("-filed_at", "-pk"),
}


@require_safe
def inspection_list(request: HttpRequest) -> HttpResponse:
    """Show the person's own visits: those to do by date, or (?state=filed) those done, the newest first."""
    state = "filed" if request.GET.get("state") == "filed" else "open"
    visits = Inspection.objects.of(request.user).filter(filed_at__isnull=state == "open").with_file()
    page = Paginator(_counted(visits).order_by(*ORDERS[state]), PER_PAGE).get_page(request.GET.get("page"))
    of = _items_of_standards(page)
    rows = []
    for visit in page:
        items = of[visit.assessment.cycle.standard_id]
        rows.append((visit, items, next_step(visit, missing=items - visit.rated, answered=visit.answered)))
    return render(request, "reviews/inspection_list.html", {"page": page, "rows": rows, "state": state})


def _counted(visits: QuerySet[Inspection]) -> QuerySet[Inspection]:
    is_rated = Q(ratings__found__isnull=False) | Q(ratings__not_applicable=True)
    return visits.annotate(
        rated=Count("ratings", filter=is_rated & Q(ratings__indicator__bonus=False), distinct=True),
        answered=Count("findings", filter=Q(findings__state=Finding.State.ANSWERED), distinct=True),
    )


def _items_of_standards(page) -> dict[int, int]:
    """Return how many items have to be rated, by standard: one statement for a whole page of visits."""
    standards = {visit.assessment.cycle.standard_id for visit in page}
    base = Indicator.objects.filter(standard__in=standards, bonus=False).order_by()
    return dict(base.values_list("standard_id").annotate(Count("pk")))


def visit_in_scope(request: HttpRequest, pk: int) -> Inspection:
    """Return the visit with its file, round and standard, or answer with 404."""
    visits = Inspection.objects.visible_to(request.user).with_file()
    return get_object_or_404(visits.prefetch_related("assessment__cycle__standard__indicators"), pk=pk)


def about(request: HttpRequest, visit: Inspection, walk: Walk, *, here: bool = False) -> dict:
    """Return what every page of a visit shows: the visit, the way back, which organ and when, how far it is."""
    crumbs = [(_("My visits"), reverse("inspection_list"))]
    if not may(request.user, "inspection.rate", visit):
        crumbs = [(str(visit.assessment.organ), reverse("file_detail", args=[visit.assessment_id]))]
    if not here:
        crumbs.append((_("Visit"), reverse("inspection_detail", args=[visit.pk])))
    reads = may(request.user, "inspection.read_ratings", visit)
    return {
        "visit": visit,
        "file": visit.assessment,
        "walk": walk,
        "reads_ratings": reads,
        "headline": walk.headline(with_points=reads),
        "crumbs": crumbs,
        "place": f"{visit.get_kind_display()} · {visit.visit_on.isoformat()} · {visit.assessment.organ}",
    }


@require_safe
def inspection_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a visit: what to look at, how far the team is, what it found, and what can be done now."""
    visit = visit_in_scope(request, pk)
    walk = Walk(visit)
    rates = may(request.user, "inspection.rate", visit)
    first = next(iter(walk.missing), None) or walk.items[0]
    context = {
        **about(request, visit, walk, here=True),
        "rates": rates,
        "findings": walk.findings,
        "may_change_team": not visit.is_filed and may(request.user, PERMISSION[visit.kind], visit.assessment),
        "members": visit.members.select_related("user"),
        "contacts": _contacts(visit) if rates else [],
        "first": first,
        "can_require": any(
            finding.kind == Finding.Kind.BY_DEADLINE and finding.state == Finding.State.OPEN
            for finding in walk.findings
        ),
        "next_step": next_step(
            visit,
            missing=len(walk.missing),
            answered=sum(finding.state == Finding.State.ANSWERED for finding in walk.findings),
        ),
    }
    return render(request, "reviews/inspection_detail.html", context)


def _contacts(visit: Inspection) -> QuerySet[User]:
    """Return the organ's clerks on the day of the visit, or today when that is past: whom the team calls."""
    day = max(visit.visit_on, clock.today())
    clerks = Appointment.objects.on(day).filter(organ=visit.assessment.organ_id, role="clerk")
    return User.objects.filter(pk__in=clerks.values("user_id"), is_active=True)


# --- one item ------------------------------------------------------------------------------------------------------


def inspection_item(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Show one item of a visit to whoever may read its ratings; save what the team found and go on."""
    visit = visit_in_scope(request, pk)
    walk = Walk(visit)
    item = walk.item(code)
    if item is None:
        raise Http404
    require(request.user, "inspection.read_ratings", visit)
    if request.method != "POST":
        return _item_page(request, walk, item, rating_form(item.indicator, initial=item.rating))
    require(request.user, "inspection.rate", visit)
    form = rating_form(item.indicator, request.POST, initial=item.rating)
    if form.is_valid():
        response = take(
            request,
            lambda: verbs.save_rating(visit, item.indicator, by=request.user, **form.answer()),
            to=_after_saving(request, walk, code),
            done=_("Saved."),
            form=form,
        )
        if response:
            return response
    fresh = Walk(visit)
    return _item_page(request, fresh, fresh.item(code), form)


def _after_saving(request: HttpRequest, walk: Walk, code: str) -> str:
    """Return where the pressed button leads: a finding at this item, the visit, or the next item of the walk."""
    then = request.POST.get("then", "next")
    _before, after = walk.neighbours(code)
    if then == "finding":
        return f"{reverse('finding_add', args=[walk.visit.pk])}?item={code}"
    if then == "visit" or after is None:
        return reverse("inspection_detail", args=[walk.visit.pk])
    return reverse("inspection_item", args=[walk.visit.pk, after.indicator.code])


def _item_page(request: HttpRequest, walk: Walk, item: Item, form: RatingForm) -> HttpResponse:
    """Render the item; where a colleague saved in between, both entries stand side by side."""
    visit, file, indicator = walk.visit, walk.visit.assessment, item.indicator
    conflict = None
    if form.is_bound and item.rating is not None and form.seen_version() != item.rating.version:
        conflict = SimpleNamespace(saved=item.rating, typed=form.as_row())
        conflict.saved_text = found_text(indicator, conflict.saved)
        conflict.typed_text = found_text(indicator, conflict.typed)
        form.go_on_from(item.rating.version)
    reads_self = may_read_self(request.user, file)
    own = file.answers.filter(indicator=indicator).first() if reads_self else None
    before, after = walk.neighbours(indicator.code)
    context = {
        **about(request, visit, walk),
        "item": item,
        "number": walk.place(indicator.code),
        "form": form,
        "shows_form": form.is_bound or (walk.can_rate and may(request.user, "inspection.rate", visit)),
        "conflict": conflict,
        "attachments": file.attachments.filter(indicator=indicator).select_related("evidence"),
        "reads_self": reads_self,
        "own": own,
        "own_text": found_text(indicator, own),
        "before": before,
        "after": after,
    }
    return render(request, "reviews/inspection_item.html", context)


# --- vetoes --------------------------------------------------------------------------------------------------------


def veto_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Record a fact that forbids recognition whatever the points."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.rate", visit)
    walk = Walk(visit)
    form = VetoForm(request.POST or None)
    if form.is_valid():
        response = take(
            request,
            lambda: verbs.record_veto(visit, by=request.user, **form.cleaned_data),
            to=reverse("inspection_detail", args=[pk]),
            done=_("The veto has been recorded."),
            form=form,
        )
        if response:
            return response
    return render(request, "reviews/veto_add.html", {**about(request, visit, walk), "form": form})


@require_POST
def veto_take_back(request: HttpRequest, pk: int, kind: str) -> HttpResponse:
    """Take back a veto that was recorded by mistake."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.rate", visit)
    return take(
        request,
        lambda: verbs.take_back_veto(_veto(visit, kind), by=request.user),
        to=reverse("inspection_detail", args=[pk]),
        done=_("The veto has been taken back."),
    )


def _veto(visit: Inspection, kind: str) -> Veto:
    veto = visit.vetoes.filter(kind=kind).first()
    if veto is None:
        raise Overtaken(_("This veto has been taken back already."))
    return veto


# --- rectification and filing --------------------------------------------------------------------------------------


def inspection_rectify(request: HttpRequest, pk: int) -> HttpResponse:
    """Send the file into rectification: the organ answers the findings by their deadlines."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.file", visit)
    walk = Walk(visit)
    form = RectifyForm(request.POST or None)
    if form.is_valid():
        response = take(
            request,
            lambda: finding_verbs.require_rectification(visit, by=request.user, note=form.cleaned_data["note"]),
            to=reverse("inspection_detail", args=[pk]),
            done=_("The organ has been asked to put the findings right."),
            form=form,
        )
        if response:
            return response
    context = {**about(request, visit, walk), "form": form, "findings": walk.open_findings}
    return render(request, "reviews/inspection_rectify.html", context)


def _verdict(of: scoring.Result | Inspection) -> str:
    return "passed" if of.passed else "failed"


def inspection_file(request: HttpRequest, pk: int) -> HttpResponse:
    """Check the visit and file it; the button says where its scores send the file."""
    visit = visit_in_scope(request, pk)
    require(request.user, "inspection.file", visit)
    walk = Walk(visit)
    form = FilingForm(request.POST or None)
    if form.is_valid():
        response = take(
            request,
            lambda: verbs.file_inspection(
                visit,
                by=request.user,
                statement=form.cleaned_data["statement"],
                shown=form.cleaned_data["verdict"] == "passed",
            ),
            to=reverse("file_detail", args=[visit.assessment_id]),
            done=_("The visit has been filed. Nobody can change it any more."),
            form=form,
        )
        if response:
            return response
        walk = Walk(visit)
    context = {
        **about(request, visit, walk),
        "form": form,
        "verdict": _verdict(walk.result),
        "step": stages.STEPS[verbs.STEP_OF_VERDICT[visit.kind, walk.result.passed]],
        "blocked": bool(walk.missing) or (walk.result.passed and bool(walk.open_findings)),
    }
    return render(request, "reviews/inspection_file.html", context)
