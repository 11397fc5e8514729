"""One item of a visit: what the organ brings, what the team finds, and the one change after the comparison."""

from types import SimpleNamespace

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creation.actions.energy import energy_indicator, readings_of
from creation.checks import label_of
from creation.forms.ratings import found_text
from creation.rules import may, require
from creation.views.evidence import locked
from creation.views.taking import take
from reviews.actions.comparison import change_after_comparison
from reviews.actions.inspections import save_rating
from reviews.actions.visit_photos import keep_item_photos, lay_down
from reviews.forms.visits import ChangeForm, ItemPhotosForm, VisitRatingForm
from reviews.models import Finding, Inspection, VisitPhoto
from reviews.views.comparison import may_read_self
from reviews.views.inspections import about, visit_in_scope
from reviews.views.walk import Item, Walk, earlier_findings


def inspection_item(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Show one item of a visit to whoever may read its ratings; save what the team found and go on."""
    walk, item = _walk_to(request, pk, code)
    form_class = ChangeForm if walk.visit.own_points_at else VisitRatingForm
    if request.method != "POST":
        return _item_page(request, walk, item, form_class(item.indicator, initial_row=item.rating))
    require(request.user, "inspection.rate", walk.visit)
    form = form_class(item.indicator, request.POST, initial_row=item.rating)
    if form.is_valid():
        verb = change_after_comparison if form_class is ChangeForm else save_rating
        response = take(
            request,
            lambda: verb(walk.visit, item.indicator, by=request.user, **form.answer()),
            to=_after_saving(request, walk, code),
            done=_("Saved."),
            form=form,
        )
        if response:
            return response
    fresh = Walk(walk.visit)
    return _item_page(request, fresh, fresh.item(code), form)


def _walk_to(request: HttpRequest, pk: int, code: str) -> tuple[Walk, Item]:
    """Return the visit's walk and the item, for whoever may read its ratings; 404 for a code that is none."""
    visit = visit_in_scope(request, pk)
    walk = Walk(visit)
    item = walk.item(code)
    if item is None:
        raise Http404
    require(request.user, "inspection.read_ratings", visit)
    return walk, item


def _after_saving(request: HttpRequest, walk: Walk, code: str) -> str:
    """Return where the pressed button leads: a finding at this item, the visit, or the next item of the walk."""
    then = request.POST.get("then", "next")
    _before, after = walk.neighbours(code)
    if walk.visit.own_points_at:
        return reverse("inspection_comparison", args=[walk.visit.pk])
    if then == "finding":
        return f"{reverse('finding_add', args=[walk.visit.pk])}?item={code}"
    if then == "visit" or after is None:
        return reverse("inspection_detail", args=[walk.visit.pk])
    return reverse("inspection_item", args=[walk.visit.pk, after.indicator.code])


def _item_page(request: HttpRequest, walk: Walk, item: Item, form: VisitRatingForm) -> HttpResponse:
    """Render the item; where a colleague saved in between, both entries stand side by side."""
    visit, indicator = walk.visit, item.indicator
    before, after = walk.neighbours(indicator.code)
    changed = item.rating is not None and item.rating.changed_at is not None
    rates = walk.can_rate and may(request.user, "inspection.rate", visit)
    context = {
        **about(request, visit, walk),
        **_of_the_organ(request, visit, item),
        "item": item,
        "number": walk.place(indicator.code),
        "form": form,
        "rates": rates,
        "shows_form": form.is_bound or (rates and not changed),
        "compares": visit.own_points_at is not None,
        "photos_form": ItemPhotosForm(),
        "conflict": _conflict(form, item),
        "before": before,
        "after": after,
    }
    return render(request, "reviews/inspection_item.html", context)


def _conflict(form: VisitRatingForm, item: Item) -> SimpleNamespace | None:
    """Return both entries where a colleague saved this item in between, and let the form go on from theirs."""
    if not form.is_bound or item.rating is None or form.seen_version() == item.rating.version:
        return None
    both = SimpleNamespace(saved=item.rating, typed=form.as_row())
    both.saved_text = item.rating.cannot_check or found_text(item.indicator, both.saved)
    both.typed_text = both.typed.cannot_check or found_text(item.indicator, both.typed)
    form.go_on_from(item.rating.version)
    return both


def _of_the_organ(request: HttpRequest, visit: Inspection, item: Item) -> dict:
    """Return what the organ brings to the item: evidence, explanation, warnings it passed, figures; points if allowed.

    Blind or not, everything that explains is shown; only what was claimed (and its points) may be withheld.
    """
    file, indicator = visit.assessment, item.indicator
    answer = file.answers.filter(indicator=indicator).first()
    reads_self = may_read_self(request.user, file)
    warnings = file.warnings_passed.filter(indicator=indicator)
    energy = energy_indicator(file.cycle.standard) if "data" in indicator.check_by else None
    return {
        "attachments": file.attachments.filter(indicator=indicator).select_related("evidence"),
        "explanation": answer.remark if answer else "",
        "warnings": [(label_of(warning.kind), warning.reason) for warning in warnings],
        "readings": readings_of(file) if energy is not None and energy.pk == indicator.pk else None,
        "earlier": earlier_findings(visit).filter(indicator__code=indicator.code)[:5],
        "reads_self": reads_self,
        "own": answer if reads_self else None,
        "own_text": found_text(indicator, answer) if reads_self else "",
    }


# --- photos --------------------------------------------------------------------------------------------------------


@require_POST
def item_photos(request: HttpRequest, pk: int, code: str) -> HttpResponse:
    """Keep photos taken at an item and come back to it; what is no picture is named."""
    walk, item = _walk_to(request, pk, code)
    require(request.user, "inspection.rate", walk.visit)
    form = ItemPhotosForm(request.POST, request.FILES)
    if form.is_valid():
        photos = lay_down(form.cleaned_data["photos"], walk.visit, by=request.user)
        response = take(
            request,
            lambda: keep_item_photos(walk.visit, item.indicator, by=request.user, photos=photos),
            to=reverse("inspection_item", args=[pk, code]),
            done=_("The photos have been kept."),
            form=form,
        )
        if response:
            return response
    return render(request, "reviews/item_photos.html", {**about(request, walk.visit, walk), "form": form, "item": item})


@require_safe
def visit_photo(request: HttpRequest, pk: int) -> FileResponse:
    """Send a photo of a visit, re-encoded, to whoever reads the visit's ratings, or sees the finding it belongs to."""
    photos = VisitPhoto.objects.select_related("evidence", "inspection__assessment__organ__region")
    photo = get_object_or_404(photos.filter(inspection__in=Inspection.objects.visible_to(request.user)), pk=pk)
    of_finding = photo.finding_id and Finding.objects.visible_to(request.user).filter(pk=photo.finding_id).exists()
    if not of_finding:
        require(request.user, "inspection.read_ratings", photo.inspection)
    if not photo.evidence.display:
        raise Http404
    picture = photo.evidence.display.open("rb")
    return locked(FileResponse(picture, content_type="image/jpeg", filename=f"visit-{photo.pk}.jpg"))
