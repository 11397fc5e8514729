"""Pages of the register: organs and regions."""

from collections.abc import Callable

from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation import clock
from creation.actions import keys, places
from creation.forms.register import (
    AbolishForm,
    CodesForm,
    CorrectionForm,
    DepartmentForm,
    OrganFilter,
    OrganForm,
    SuccessionForm,
)
from creation.models import Assessment, Organ, Region, RegionPath, Succession
from creation.models.named import local
from creation.rules import require
from creation.views.organ_history import history_of
from creation.views.paging import Bounded
from creation.views.taking import form_key_of, take

ORGANS_PER_PAGE = 50
ORGANS_SHOWN = (
    "pk",
    "name",
    "name_en",
    "credit_code",
    "region__name",
    "region__name_en",
    "category",
    "established_on",
    "abolished_on",
)
LEVELS_SHOWN = 2


@require_safe
def organ_list(request: HttpRequest) -> HttpResponse:
    """Return the organs in the person's reach, narrowed by the filter in the address."""
    chosen = OrganFilter(request.GET, user=request.user)
    found = chosen.narrow(Organ.objects.visible_to(request.user)).order_by("region__position", "credit_code")
    page = Bounded(found, ORGANS_PER_PAGE, columns=ORGANS_SHOWN).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_shown(organ) for organ in page],
        "filter": chosen,
        "edits": "registrar" in request.user.roles,
    }
    return render(request, "creation/organ_list.html", context)


def _shown(organ: dict) -> dict:
    """Return a line of the list as plain texts and days: a page of them costs half of what objects cost."""
    return {
        "pk": organ["pk"],
        "name": local(organ["name"], organ["name_en"]),
        "credit_code": organ["credit_code"],
        "region": local(organ["region__name"], organ["region__name_en"]),
        "category": str(Organ.Category(organ["category"]).label),
        "established_on": organ["established_on"],
        "abolished_on": organ["abolished_on"],
    }


@require_safe
def organ_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Return an organ with its facts, what it came from and went over into, its files, titles and history."""
    organ = _organ(request, pk)
    threads = Succession.objects.filter(Q(predecessor=organ) | Q(successor=organ))
    files = Assessment.objects.visible_to(request.user).shown_to(request.user).filter(organ=organ)
    context = {
        "organ": organ,
        "facts": _facts(organ),
        "active": organ.is_active_on(clock.today()),
        "threads": threads.select_related("predecessor", "successor"),
        "files": files.select_related("cycle__region").distinct().order_by("-cycle__year", "-id"),
        "recognitions": organ.recognitions.order_by("-granted_on"),
        "history": history_of(organ),
        "today": clock.today(),
        "crumbs": _crumbs(),
    }
    return render(request, "creation/organ_detail.html", context)


def _organ(request: HttpRequest, pk: int) -> Organ:
    organs = Organ.objects.visible_to(request.user).select_related("region")
    return get_object_or_404(organs, pk=pk)


def _facts(organ: Organ) -> list[tuple[str, object]]:
    def iso(day):
        return day and day.isoformat()

    return [
        (_("Unified social credit code"), organ.credit_code),
        (_("Chinese name"), organ.name),
        (_("English name"), organ.name_en),
        (_("Region"), organ.region),
        (_("Category"), organ.get_category_display()),
        (_("Staff"), organ.staff),
        (_("Floor area (m²)"), organ.floor_area_m2),
        (_("Address"), organ.address),
        (_("Established on (first day)"), iso(organ.established_on)),
        (_("Abolished on (first day without)"), iso(organ.abolished_on) or _("still on the register")),
    ]


def _crumbs(*organs: Organ) -> list[tuple[str, str]]:
    more = [(str(organ), reverse("organ_detail", args=[organ.pk])) for organ in organs]
    return [(_("Register"), reverse("organ_list")), *more]


def organ_add(request: HttpRequest) -> HttpResponse:
    """Return the form of a new organ; a sent one puts it on the register."""
    require(request.user, "people.list")  # registrars; the verb asks for the region
    form = OrganForm(request.POST or None, user=request.user)
    if request.method == "POST" and (earlier := keys.used(form_key_of(request), by=request.user)):
        return redirect(earlier)  # sent twice, the form itself would find its own organ's code taken
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: places.add_organ(form.instance, by=request.user),
            to=_page_of,
            done=_("The organ is on the register."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "creation/organ_add.html", {"form": form, "crumbs": _crumbs()})


def _page_of(organ: Organ) -> str:
    return reverse("organ_detail", args=[organ.pk])


def organ_correct(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the form of a correction; a sent one keeps what was and what is as an event."""
    organ = _organ_to_edit(request, pk)
    form = CorrectionForm(request.POST or None, instance=_organ(request, pk), user=request.user)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: places.correct_organ(organ, form.changes(), by=request.user, seen=form.cleaned_data["seen"]),
            to=_page_of,
            done=_("Corrected."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "creation/organ_correct.html", {"form": form, "organ": organ, "crumbs": _crumbs(organ)})


def _organ_to_edit(request: HttpRequest, pk: int) -> Organ:
    organ = _organ(request, pk)
    require(request.user, "register.edit", organ.region)
    return organ


def organ_abolish(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the form of an organ's end; a sent one closes it."""
    organ = _organ_to_edit(request, pk)
    form = AbolishForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: places.abolish(organ, on=form.cleaned_data["on"], by=request.user),
            to=_page_of,
            done=_("The organ is closed."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "creation/organ_abolish.html", {"form": form, "organ": organ, "crumbs": _crumbs(organ)})


def organ_merge(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the two steps of a merge into this organ: which organs, then from when on and why."""
    return _succession(
        request,
        pk,
        "creation/organ_merge.html",
        _("The organs are merged."),
        lambda organ, others, **how: places.merge(others, organ, **how),
    )


def organ_split(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the two steps of a split of this organ: into which organs, then from when on and why."""
    return _succession(
        request,
        pk,
        "creation/organ_split.html",
        _("The organ is split."),
        places.split,
    )


def _succession(request: HttpRequest, pk: int, template: str, done: str, verb: Callable) -> HttpResponse:
    organ = _organ_to_edit(request, pk)
    codes = CodesForm(request.GET if "codes" in request.GET else None, user=request.user, without=organ)
    chosen = codes.cleaned_data["codes"] if codes.is_valid() else []
    initial = {"codes": "\n".join(one.credit_code for one in chosen)}
    form = SuccessionForm(request.POST or None, initial=initial, user=request.user, without=organ)
    if request.method == "POST":
        if form.is_valid():
            how = {"on": form.cleaned_data["on"], "reason": form.cleaned_data["reason"], "by": request.user}
            answer = take(
                request,
                lambda: verb(organ, form.cleaned_data["codes"], **how),
                to=_page_of(organ),
                done=done,
                form=form,
            )
            if answer:
                return answer
        chosen = form.cleaned_data.get("codes", [])
    step = form if chosen or request.method == "POST" else codes
    context = {"organ": organ, "form": step, "codes": codes, "chosen": chosen, "crumbs": _crumbs(organ)}
    return render(request, template, context)


# --- regions --------------------------------------------------------------------------------------------------------


@require_safe
def region_list(request: HttpRequest) -> HttpResponse:
    """Return the person's regions as a tree, two levels below `under` at a time, with organs and departments."""
    mine = Region.objects.visible_to(request.user).distinct()
    code = request.GET.get("under", "")
    under = mine.filter(code=code).first() if code.isprintable() and code else None
    top = [under] if under else _topmost(mine)
    shown = (
        mine.filter(paths_up__ancestor__in=top, paths_up__depth__lte=LEVELS_SHOWN)
        .select_related("department")
        .order_by("position", "code")
    )
    rows = _as_tree(list(shown), top)
    counts = _counts([region.pk for region, _depth in rows])
    above = mine.filter(paths_down__descendant=under, paths_down__depth__gt=0) if under else Region.objects.none()
    context = {
        "rows": [(region, depth, *counts[region.pk]) for region, depth in rows],
        # the rule "register.edit", asked once for all rows
        "editable": set(request.user.scope("registrar").values_list("descendant_id", flat=True)),
        "deepest": LEVELS_SHOWN,
        "under": under,
        "above": above.order_by("-paths_down__depth"),
        "crumbs": _crumbs(),
    }
    return render(request, "creation/region_list.html", context)


def _topmost(mine) -> list[Region]:
    """Return the regions of the person that have no other of theirs above them."""
    below = RegionPath.objects.filter(ancestor__in=mine.values("pk"), depth__gt=0)
    return list(mine.exclude(pk__in=below.values("descendant_id")))


def _as_tree(regions: list[Region], top: list[Region]) -> list[tuple[Region, int]]:
    """Return the regions in the order of the tree with their depth below the top."""
    children: dict[int | None, list[Region]] = {}
    for region in regions:
        children.setdefault(region.parent_id, []).append(region)
    rows: list[tuple[Region, int]] = []

    def descend(region: Region, depth: int) -> None:
        rows.append((region, depth))
        for child in children.get(region.pk, []):
            descend(child, depth + 1)

    by_id = {region.pk: region for region in regions}
    for region in top:
        descend(by_id.get(region.pk, region), 0)
    return rows


def _counts(ids: list[int]) -> dict[int, tuple[int, int, int]]:
    """Return for each region its own active organs, all in its subtree, and the regions right below it."""
    depth = "region__paths_up__depth"
    organs = (
        Organ.objects.active_on(clock.today())
        .filter(region__paths_up__ancestor__in=ids)
        .order_by()
        .values_list("region__paths_up__ancestor")
        .annotate(own=Count("pk", filter=Q(**{depth: 0})), below=Count("pk"))
    )
    counted = {pk: (own, below) for pk, own, below in organs}
    children = dict(Region.objects.filter(parent__in=ids).order_by().values_list("parent").annotate(Count("pk")))
    return {pk: (*counted.get(pk, (0, 0)), children.get(pk, 0)) for pk in ids}


def region_department(request: HttpRequest, code: str) -> HttpResponse:
    """Return the form of a region's competent department and its office; a sent one records them."""
    region = get_object_or_404(Region.objects.visible_to(request.user).distinct(), code=code)
    require(request.user, "register.edit", region)
    form = DepartmentForm(request.POST or None, instance=region)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: _record_department(region, form.changes(), request.user),
            to="region_list",
            done=_("The department is recorded."),
            form=form,
        )
        if answer:
            return answer
    crumbs = [*_crumbs(), (_("Regions"), reverse("region_list"))]
    return render(request, "creation/region_department.html", {"form": form, "region": region, "crumbs": crumbs})


def _record_department(region: Region, changes: dict, by) -> None:
    if changes:
        places.set_department(Region.objects.get(pk=region.pk), changes, by=by)
