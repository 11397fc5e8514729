"""Pages of rechecks: the list, a recheck with its organs, one organ with its next step, and the step itself."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.core.paginator import Paginator
from django.db.models import Count, Exists, OuterRef, Q
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from creation import clock
from creation.actions.evidence import laid_down
from creation.errors import Refused
from creation.models import Evidence
from creation.rules import may, require
from creation.views.evidence import locked
from creation.views.taking import take
from reviews.actions import draws, rechecks
from reviews.exporting import as_download
from reviews.forms import rechecks as forms
from reviews.models import RecheckItem, RecheckPaper, RecheckRound, Verdict

PAGE = 50
PURPOSES = {"papers": Evidence.Purpose.EVIDENCE, "photos": Evidence.Purpose.PHOTO}  # of what a step may bring
LONGEST_NUMBER = 18  # digits of an id that every database can read
Text = str | Promise
CONCLUDED = gettext_lazy("At most 200 organs are concluded at once. Press again while the button is there.")


@require_safe
def recheck_list(request: HttpRequest) -> HttpResponse:
    """Show the rechecks in the person's reach with how far they are."""
    page = Paginator(rounds_in_reach(request.user), PAGE).get_page(request.GET.get("page"))
    opens = may(request.user, "recheck.open")
    return render(request, "reviews/recheck_list.html", {"page": page, "opens": opens})


def rounds_in_reach(user):
    """Return the rechecks in the person's reach, with how many organs of that reach are in them and over."""
    own = RecheckItem.objects.visible_to(user).values("pk")
    return (
        RecheckRound.objects.visible_to(user)
        .select_related("cycle__region")
        .annotate(
            organs=Count("items", filter=Q(items__in=own)),
            settled=Count("items", filter=Q(items__in=own, items__settled_at__isnull=False)),
        )
        .order_by("-opened_at", "-pk")
    )


@require_http_methods(["GET", "HEAD", "POST"])
def recheck_open(request: HttpRequest) -> HttpResponse:
    """Open a recheck of the titles of one's municipality."""
    require(request.user, "recheck.open")
    form = forms.OpenRoundForm(request.user.region_ids("official"), request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: rechecks.open_round(form.instance, by=request.user),
            to=lambda opened: reverse("recheck_detail", args=[opened.pk]),
            done=_("The recheck is open, the organs have been told."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "reviews/recheck_open.html", {"form": form})


# --- a recheck -----------------------------------------------------------------------------------------------------

STATES: dict[str, Text] = {
    "": gettext_lazy("All"),
    "review": gettext_lazy("To review on paper"),
    "visit": gettext_lazy("To visit"),
    "conclude": gettext_lazy("To conclude"),
    "rectify": gettext_lazy("To be put right"),
    "overdue": gettext_lazy("Overdue"),
    "settled": gettext_lazy("Over"),
}


def _round(request: HttpRequest, pk: int) -> RecheckRound:
    return get_object_or_404(RecheckRound.objects.visible_to(request.user).select_related("cycle__region"), pk=pk)


def _narrowed(rows, state: str):
    today = clock.today()
    filters = {
        "review": rows.to_review,
        "visit": rows.to_visit,
        "conclude": rows.to_conclude,
        "rectify": lambda: rows.filter(outcome=Verdict.RECTIFY, settled_at__isnull=True),
        "overdue": lambda: rows.overdue(today),
        "settled": lambda: rows.filter(settled_at__isnull=False),
    }
    return filters[state]() if state in filters else rows


@require_safe
def recheck_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show a recheck: how far it is, and its organs with the state of each."""
    held = _round(request, pk)
    rows = RecheckItem.objects.visible_to(request.user).filter(round=held)
    figures = rows.aggregate(
        organs=Count("pk"),
        reported=Count("pk", filter=Q(reported_at__isnull=False)),
        reviewed=Count("pk", filter=~Q(paper_verdict="")),
        settled=Count("pk", filter=Q(settled_at__isnull=False)),
    )
    pool = held.pools.select_related("draw__publication").first()
    is_drawn = held.is_drawn
    manages = may(request.user, "recheck.manage", held)
    # an organ's staff, whatever else they are, read on the page of their organ what has been published of the draw
    sees_draw = not request.user.organ_ids()
    state = request.GET.get("state", "")
    if state in {"visit", "conclude"} and not sees_draw:
        state = ""
    shown = _narrowed(rows, state).with_title()
    if sees_draw:
        shown = shown.annotate(to_be_visited=Exists(RecheckItem.objects.drawn().filter(pk=OuterRef("pk"))))
    q = request.GET.get("q", "").strip()[:100]
    if q:
        organ = Q(recognition__organ__name__icontains=q) | Q(recognition__organ__name_en__icontains=q)
        shown = shown.filter(organ | Q(recognition__organ__credit_code__iexact=q))
    page = Paginator(shown, PAGE).get_page(request.GET.get("page"))
    own = request.user.organ_ids()
    for item in page.object_list:
        item.is_late = item.is_overdue_on(clock.today())
        item.is_own = not item.outcome and item.recognition.organ_id in own
    context = {
        "round": held,
        "page": page,
        "figures": figures,
        "drawn": rows.drawn().count() if sees_draw and pool else None,
        "visited": rows.filter(site_at__isnull=False).count(),
        "pool": pool,
        "is_drawn": is_drawn,
        "state": state,
        "states": STATES,
        "q": q,
        "manages": manages,
        "reviews": state == "review" and bool(request.user.region_ids("official")),
        "can_keep": manages and is_drawn and rows.exclude(recognition__organ__in=own).kept_so_far().exists(),
    }
    return render(request, "reviews/recheck_detail.html", context)


@require_POST
def recheck_keep(request: HttpRequest, pk: int) -> HttpResponse:
    """Give the verdict “keep” on paper to all organs that were ticked."""
    held = _round(request, pk)
    sent = [one for one in request.POST.getlist("item") if one.isdecimal() and len(one) <= LONGEST_NUMBER]
    chosen = [int(one) for one in sent[: PAGE * 10]]
    rows = RecheckItem.objects.visible_to(request.user).filter(round=held, pk__in=chosen).to_review().with_title()
    items = list(rows)
    for item in items:
        require(request.user, "recheck.review", item)
    back = f"{reverse('recheck_detail', args=[pk])}?state=review"
    verb = partial(rechecks.keep_on_paper, items, by=request.user)
    return take(request, partial(_some, verb), to=back, done=partial(_kept, asked=len(items))) or redirect(back)


def _some(verb: Callable[[], int]) -> int:
    """Return to how many organs `verb` did something; refused in words where it did nothing at all."""
    done = verb()
    if not done:
        raise Refused(_("Nothing was kept: no organ is left for which it is possible now. Load the page again."))
    return done


def _kept(done: int, *, asked: int) -> str:
    words = ngettext("%(count)s organ kept on paper.", "%(count)s organs kept on paper.", done) % {"count": done}
    if done == asked:
        return words
    left = ngettext(
        "%(count)s was left out: a colleague has reviewed it meanwhile.",
        "%(count)s were left out: a colleague has reviewed them meanwhile.",
        asked - done,
    )
    return f"{words} {left % {'count': asked - done}}"


def _concluded(done: int) -> str:
    text = ngettext("%(count)s organ concluded.", "%(count)s organs concluded.", done) % {"count": done}
    return f"{text} {CONCLUDED}" if done == rechecks.AT_ONCE else text


@require_POST
def recheck_manage(request: HttpRequest, pk: int, step: str) -> HttpResponse:
    """Close the pool, conclude what was kept, or close the recheck."""
    held = _round(request, pk)
    require(request.user, "recheck.manage", held)
    verbs: dict[str, tuple[Callable, str | Callable[[int], str]]] = {
        "pool": (draws.close_recheck_pool, _("The pool is closed and public. Now a seed can be entered.")),
        "conclude": (
            lambda recheck, by: _some(partial(rechecks.conclude_kept, recheck, by=by)),
            _concluded,
        ),
        "close": (rechecks.close_round, _("The recheck is closed.")),
    }
    if step not in verbs:
        raise Http404
    verb, done = verbs[step]
    page = reverse("recheck_detail", args=[pk])
    return take(request, lambda: verb(held, by=request.user), to=page, done=done) or redirect(page)


# --- one organ -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Step:
    """A step on one organ of a recheck: who may, when it is open, its form and verb, and its words."""

    name: str
    permission: str
    is_open: Callable[[RecheckItem], bool]
    form: type[forms.StepForm]
    verb: Callable
    label: Text
    next_step: Text
    done: Text
    hears: str = ""


def _awaits_visit(item: RecheckItem) -> bool:
    return not item.settled_at and not item.site_at and item.is_drawn


def _can_be_filed(item: RecheckItem) -> bool:
    return bool(not item.site_at and not item.settled_at and item.visit_on and item.visit_on <= clock.today())


def _can_be_concluded(item: RecheckItem) -> bool:
    ready = item.paper_verdict and item.round.is_drawn and (item.site_at or not item.is_drawn)
    return bool(ready) and not item.settled_at and item.outcome != Verdict.REVOKE


_TABLE = (
    Step(
        "report", "recheck.report", lambda item: not item.paper_verdict and not item.settled_at,
        forms.ReportForm, rechecks.report, gettext_lazy("Report"),
        gettext_lazy("your department reviews the report on paper; it can be completed until then."),
        gettext_lazy("The report is with your department."),
    ),
    Step(
        "rectify", "recheck.report", lambda item: item.outcome == Verdict.RECTIFY and not item.rectified_at,
        forms.RectifyForm, rechecks.rectify, gettext_lazy("Answer what is to be put right"),
        gettext_lazy("an official accepts the answer or gives it back with a new date."),
        gettext_lazy("The answer has been sent."), "recheck_rectified",
    ),
    Step(
        "visit", "recheck.visit", _can_be_filed,
        forms.VisitForm, rechecks.file_visit, gettext_lazy("File the visit"),
        gettext_lazy("an official concludes. What is filed never changes."),
        gettext_lazy("The visit has been filed."), "recheck_visited",
    ),
    Step(
        "review", "recheck.review", lambda item: not item.paper_verdict and not item.settled_at,
        forms.PaperForm, rechecks.review_paper, gettext_lazy("Review on paper"),
        gettext_lazy("after the draw, and the visit where the organ was drawn, the recheck is concluded."),
        gettext_lazy("The verdict on paper has been kept."),
    ),
    Step(
        "accept", "recheck.review", lambda item: bool(item.rectified_at) and not item.settled_at,
        forms.AcceptForm, rechecks.accept, gettext_lazy("Accept the answer"),
        gettext_lazy("the recheck of this organ is over, its title is kept."),
        gettext_lazy("Accepted. The title is kept."), "recheck_accepted",
    ),
    Step(
        "assign", "recheck.review", _awaits_visit,
        forms.AssignForm, rechecks.assign_visit, gettext_lazy("Send inspectors"),
        gettext_lazy("the inspectors are told; the organ hears neither team nor day."),
        gettext_lazy("The inspectors have been told."), "change_recheck_team",
    ),
    Step(
        "conclude", "recheck.conclude", _can_be_concluded,
        forms.OutcomeForm, rechecks.conclude, gettext_lazy("Conclude"),
        gettext_lazy("the organ is told. “Revoke” opens a case: the organ is heard and a second official decides."),
        gettext_lazy("Concluded, the organ has been told."), "recheck_rectify",
    ),
)  # fmt: skip
STEPS = {step.name: step for step in _TABLE}


def _item(request: HttpRequest, pk: int) -> RecheckItem:
    return get_object_or_404(RecheckItem.objects.visible_to(request.user).with_title(), pk=pk)


def _shown(request: HttpRequest, item: RecheckItem) -> dict:
    """Return what the person may know of an item: the organ neither an unpublished draw nor an unfiled visit."""
    is_staff = may(request.user, "recheck.report", item)
    told_draw = not is_staff or item.round.is_drawn
    papers = item.papers.select_related("evidence")
    photos_shown = not is_staff or item.outcome
    return {
        "item": item,
        "organ": item.recognition.organ,
        "told_draw": told_draw,
        "drawn": item.is_told_drawn if is_staff else item.is_drawn,
        "shows_team": not is_staff,
        "shows_verdicts": not is_staff or bool(item.outcome),
        "team": [] if is_staff else [member.user for member in item.members.select_related("user")],
        "papers": [paper for paper in papers if not paper.is_photo],
        "photos": [paper for paper in papers if paper.is_photo] if photos_shown else [],
        "is_late": item.is_overdue_on(clock.today()),
        "case": getattr(item, "revocation_case", None),
    }


@require_safe
def recheck_item(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one organ in a recheck, with the steps that the person may take now."""
    item = _item(request, pk)
    offers = [step for step in _TABLE if may(request.user, step.permission, item) and step.is_open(item)]
    # while an organ puts something right, another outcome is possible and not what comes next
    first = next((step for step in offers if step.name != "conclude" or not item.outcome), None)
    others = [step for step in offers if step is not first]
    context = {**_shown(request, item), "first": first, "others": others}
    return render(request, "reviews/recheck_item.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def recheck_step(request: HttpRequest, pk: int, name: str) -> HttpResponse:
    """Take a step on one organ; on a phone as well, one field under the other."""
    step = STEPS.get(name)
    if step is None:
        raise Http404
    item = _item(request, pk)
    require(request.user, step.permission, item)
    page = reverse("recheck_item", args=[pk])
    if request.method != "POST" and not step.is_open(item):
        return redirect(page)
    sent = (request.POST, request.FILES) if request.method == "POST" else (None, None)
    form = step.form(item, *sent)
    if request.method == "POST" and form.is_valid():
        given, brought = form.cleaned_data, next((name for name in PURPOSES if name in form.cleaned_data), None)
        organ, files, purpose = item.recognition.organ, given.get(brought, ()), PURPOSES.get(brought, "")
        with laid_down(organ, files, purpose=purpose, by=request.user) as laid:
            answer = take(
                request,
                lambda: step.verb(item, by=request.user, **given | ({brought: laid} if brought else {})),
                to=page,
                done=str(step.done),
                form=form,
            )
        if answer:
            return answer
    return render(request, "reviews/recheck_step.html", {**_shown(request, item), "form": form, "step": step})


@require_safe
def recheck_paper(request: HttpRequest, pk: int) -> FileResponse:
    """Send a paper of the organ for download, or a photo of the visit re-encoded, to whoever may see the item."""
    within = RecheckPaper.objects.filter(item__in=RecheckItem.objects.visible_to(request.user))
    paper = get_object_or_404(within.select_related("evidence", "item__recognition"), pk=pk)
    if paper.is_photo and not paper.item.outcome and may(request.user, "recheck.report", paper.item):
        raise Http404
    if paper.is_photo and paper.evidence.display:
        picture = paper.evidence.display.open("rb")
        return locked(FileResponse(picture, content_type="image/jpeg", filename=f"recheck-{paper.pk}.jpg"))
    file = paper.evidence
    return as_download(file.original, name=file.name, content_type=file.content_type)
