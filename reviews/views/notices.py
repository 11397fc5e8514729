"""Pages on which the municipality drafts, previews and publishes notices."""

from datetime import datetime

from django.core.paginator import Paginator
from django.db.models import Count, F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creation import clock, stages
from creation.actions.cycles import check_window
from creation.errors import Refused
from creation.models import Assessment, Cycle, Region
from creation.querysets import SEES_FILES
from creation.rules import require
from creation.views.taking import take
from reviews.actions import approvals, notices
from reviews.forms.notices import DraftForm, GiveBackForm, HandInForm, WordingForm
from reviews.models import Notice, Pool
from reviews.views.listings import listed_rows
from reviews.views.standing import standing, standing_at

PAGE = 50


@require_safe
def notice_manage(request: HttpRequest) -> HttpResponse:
    """Show the cleared files that wait for a notice, and every notice of the person's municipalities."""
    page = Paginator(notices_in_reach(request.user), PAGE).get_page(request.GET.get("page"))
    context = {"page": page, "waiting": _waiting(request.user), "today": clock.today()}
    return render(request, "reviews/notice_manage.html", context)


def notices_in_reach(user):
    """Return the notices of the person's municipalities, counted: drafts first, then the one published last."""
    return (
        Notice.objects.visible_to(user)
        .select_related("cycle__region", "order")
        .annotate(
            organs=Count("listings", distinct=True),
            objections=Count("listings__objections", filter=Q(listings__objections__state="open"), distinct=True),
        )
        .order_by(F("published_at").desc(nulls_first=True), "-pk")
    )


def _waiting(user) -> list[dict]:
    """Return how many cleared files stand on no notice yet, by round of the person's municipality."""
    rows = list(
        Assessment.objects.filter(
            cycle__region__in=user.region_ids("official"), stage=stages.CHECKED, listing__isnull=True
        )
        .order_by("cycle")
        .values("cycle")
        .annotate(files=Count("pk"))
    )
    cycles = Cycle.objects.select_related("region").in_bulk([row["cycle"] for row in rows]) if rows else {}
    return [{"cycle": cycles[row["cycle"]], "files": row["files"]} for row in rows]


@require_http_methods(["GET", "HEAD", "POST"])
def notice_draft(request: HttpRequest, cycle_pk: int) -> HttpResponse:
    """Choose cleared files (all of them to begin with) and word the notice."""
    within = Cycle.objects.visible_to(request.user).filter(region__in=request.user.scope(*SEES_FILES))
    cycle = get_object_or_404(within.select_related("region__department"), pk=cycle_pk)
    require(request.user, "notice.manage", cycle)
    cleared = notices.cleared_files(cycle)
    regions = Region.objects.filter(pk__in=cleared.order_by().values("organ__region"))
    code = request.GET.get("region", "")
    chosen_region = next((region for region in regions if region.code == code), None)
    if chosen_region:
        cleared = cleared.filter(organ__region=chosen_region)
    form = DraftForm(request.POST or None, cycle=cycle, initial=_wording(cycle))
    if request.method == "POST" and form.is_valid():
        wording = {field: form.cleaned_data[field] for field in notices.FIELDS}
        answer = take(
            request,
            lambda: notices.draft_notice(
                Notice(cycle=cycle, **wording), list(form.cleaned_data["files"]), by=request.user
            ),
            to=lambda notice: reverse("notice_preview", args=[notice.pk]),
            done=_("The draft is kept. Nobody outside sees it before it is published."),
            form=form,
        )
        if answer:
            return answer
    files = list(cleared)
    marked = set(request.POST.getlist("files")) if request.method == "POST" else {str(file.pk) for file in files}
    context = {"cycle": cycle, "form": form, "files": files, "marked": marked, "regions": regions}
    return render(request, "reviews/notice_draft.html", context | {"region": chosen_region} | _period(cycle))


def _wording(cycle: Cycle) -> dict[str, str]:
    """Return the wording to begin with, in Chinese as the notice itself, with the office on record."""
    region = cycle.region
    with translation.override("zh-hans"):
        return {
            "title": _("Notice of the organs to be recognised in the round of %(year)s") % {"year": cycle.year},
            "basis": _("Action plan for the creation of conservation-oriented organs"),
            "process": _(
                "The organs below rated themselves, were inspected on site by their competent departments and, where "
                "drawn by lot, checked again by the superior department; they are to be recognised as "
                "conservation-oriented organs."
            ),
            "office": region.department.name if region.department else "",
            "office_phone": region.office_phone,
            "office_address": region.office_address,
            "office_mailbox": region.office_mailbox,
        }


def _period(cycle: Cycle, planned: datetime | None = None) -> dict:
    """Return the period of a notice published now, or at a planned instant, as it will stand then, or why not."""
    at = planned or clock.now()
    try:
        first, last = notices.period_from(timezone.localdate(at), cycle.notice_days)
        return standing_at(first, last, at)
    except notices.UnknownCalendar as refused:
        return {"unknown_year": str(refused), "year": refused.year}


def _notices(user):
    return Notice.objects.visible_to(user).select_related(
        "cycle__region", "region", "order", "drafted_by", "edited_by", "handed_in_by", "approved_by"
    )


@require_safe
def notice_preview(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a notice as the public will see it or sees it, with the steps that are open to the person."""
    return _preview(request, get_object_or_404(_notices(request.user), pk=pk))


def _preview(request: HttpRequest, notice: Notice, **forms) -> HttpResponse:
    context = {"notice": notice, "rows": listed_rows(notice), "today": clock.today()}
    if notice.is_published:
        return render(request, "reviews/notice_preview.html", context | _as_published(notice))
    planned = notice.publish_at if notice.publish_at and notice.publish_at > clock.now() else None
    context |= {
        "planned": planned,
        "published_at": planned or clock.now(),
        "is_author": request.user.pk in notice.author_ids(),
        "seen": approvals.content_sha256(notice),
        "outside": _outside_window(notice.cycle, planned),
        "inside": Pool.objects.inside_of(notice),
        "hand_in": HandInForm(),
        "give_back": GiveBackForm(),
        "has_errors": any(form.errors for form in forms.values()),
    }
    return render(request, "reviews/notice_preview.html", context | _period(notice.cycle, planned) | forms)


def _as_published(notice: Notice) -> dict:
    return {"published_at": notice.published_at, **standing(notice)}


def _outside_window(cycle: Cycle, planned: datetime | None) -> str:
    try:
        check_window(cycle, "publicity", on=timezone.localdate(planned) if planned else None)
    except Refused as refused:
        return str(refused)
    return ""


@require_http_methods(["GET", "HEAD", "POST"])
def notice_edit(request: HttpRequest, pk: int) -> HttpResponse:
    """Change the wording of a draft."""
    notice = get_object_or_404(_notices(request.user), pk=pk)
    require(request.user, "notice.manage", notice.cycle)
    if request.method != "POST" and (notice.is_published or notice.is_handed_in):
        return redirect("notice_preview", pk)
    form = WordingForm(request.POST or None, instance=notice)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: notices.edit_notice(notice, form.cleaned_data, by=request.user),
            to=reverse("notice_preview", args=[pk]),
            done=_("The draft is changed."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "reviews/notice_edit.html", {"notice": notice, "form": form})


@require_POST
def notice_discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Throw a draft away."""
    notice = get_object_or_404(_notices(request.user), pk=pk)
    require(request.user, "notice.manage", notice.cycle)
    return take(
        request,
        lambda: notices.discard_notice(notice, by=request.user),
        to=reverse("notice_manage"),
        done=_("The draft is discarded; its organs wait for another notice."),
        back=reverse("notice_preview", args=[pk]),
    )


@require_POST
def notice_hand_in(request: HttpRequest, pk: int) -> HttpResponse:
    """Hand a draft in: another official approves it, to be published then or at the instant chosen here."""
    notice = get_object_or_404(_notices(request.user), pk=pk)
    require(request.user, "notice.manage", notice.cycle)
    form = HandInForm(request.POST)
    if form.is_valid():
        answer = take(
            request,
            lambda: approvals.hand_in(notice, **form.cleaned_data, by=request.user),
            to=reverse("notice_preview", args=[pk]),
            done=_("The draft is handed in. Another official approves it, or gives it back with a reason."),
            form=form,
        )
        if answer:
            return answer
    return _preview(request, notice, hand_in=form)


@require_POST
def notice_take_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Take back what one wrote or handed in, to edit it again."""
    notice = get_object_or_404(_notices(request.user), pk=pk)
    require(request.user, "notice.manage", notice.cycle)
    return take(
        request,
        lambda: approvals.take_back(notice, by=request.user),
        to=reverse("notice_preview", args=[pk]),
        done=_("The notice is a draft again."),
    )


@require_POST
def notice_give_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Give a handed-in notice back with a reason."""
    notice = get_object_or_404(_notices(request.user), pk=pk)
    require(request.user, "notice.manage", notice.cycle)
    form = GiveBackForm(request.POST)
    if form.is_valid():
        answer = take(
            request,
            lambda: approvals.give_back(notice, **form.cleaned_data, by=request.user),
            to=reverse("notice_preview", args=[pk]),
            done=_("The notice is given back; whoever wrote it is told your reason."),
            form=form,
        )
        if answer:
            return answer
    return _preview(request, notice, give_back=form)


@require_POST
def notice_approve(request: HttpRequest, pk: int) -> HttpResponse:
    """Approve what the person has before their eyes; from its instant on everybody can read it and object."""
    notice = get_object_or_404(_notices(request.user), pk=pk)
    require(request.user, "notice.manage", notice.cycle)
    if notice.publish_at and notice.publish_at > clock.now():
        done = _("The notice is approved. It is published by itself at its instant.")
    else:
        done = _("The notice is approved and published. Its text and its list never change from now on.")
    return take(
        request,
        lambda: approvals.approve(notice, seen=request.POST.get("seen", ""), by=request.user),
        to=reverse("notice_preview", args=[pk]),
        done=done,
    )
