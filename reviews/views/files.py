"""Files: the list, the page of one file for everybody in scope, and what a department does with a file."""

from datetime import date

from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from creation import clock, scoring, stages
from creation.actions import files as file_verbs
from creation.actions.evidence import laid_down
from creation.models import Assessment, Evidence
from creation.models.named import local
from creation.rules import may, require
from creation.views.paging import Bounded
from creation.views.taking import take
from reviews.actions import spot_checks
from reviews.exporting import as_download
from reviews.forms.files import SORTS, FileFilter, LetterForm, SendBackForm
from reviews.models import PoolMember
from reviews.views.comparison import compare, may_read_self, overturned
from reviews.views.file_reading import Reading, read_file
from reviews.views.offers import Scene, offers
from reviews.views.pools import standings
from reviews.views.walk import name_next

PER_PAGE = 50
SHOWN = (
    "pk",
    "organ__name",
    "organ__name_en",
    "organ__region__name",
    "organ__region__name_en",
    "cycle__year",
    "shown_stage",
    "shown_since",
)
# what these steps say of an inspection belongs to its ratings, which a spot checker must not know
VERDICTS_OF_INSPECTION = {"pass", "fail"}


@require_safe
def file_list(request: HttpRequest) -> HttpResponse:
    """Show the files in the person's scope; search, filter and order stand in the address."""
    asked = FileFilter(request.GET, user=request.user)
    sort = request.GET.get("sort") if request.GET.get("sort") in SORTS else "register"
    files = asked.narrow(Assessment.objects.known_to(request.user)).order_by(*SORTS[sort])
    page = Bounded(files, PER_PAGE, columns=SHOWN).get_page(request.GET.get("page"))
    today = clock.today()
    narrowed = any(request.GET.get(name) for name in asked.fields)
    return render(
        request,
        "reviews/file_list.html",
        {
            "form": asked,
            "page": page,
            "rows": [_shown(file, today) for file in page],
            "sort": sort,
            "narrowed": narrowed,
            "assigns": "official" in request.user.roles,
        },
    )


def _shown(file: dict, today: date) -> dict:
    """Return a line of the list as plain texts, days and numbers."""
    since = localdate(file["shown_since"])
    return {
        "pk": file["pk"],
        "organ": local(file["organ__name"], file["organ__name_en"]),
        "region": local(file["organ__region__name"], file["organ__region__name_en"]),
        "year": file["cycle__year"],
        "stage": file["shown_stage"],
        "since": since,
        "days": (today - since).days,
        "actors": [str(actor) for actor in stages.next_actors(file["shown_stage"])],
    }


def file_in_scope(request: HttpRequest, pk: int) -> Assessment:
    """Return the file with its places and standard, or answer with 404."""
    files = Assessment.objects.visible_to(request.user).with_places().prefetch_related("cycle__standard__indicators")
    return get_object_or_404(files, pk=pk)


def about(file: Assessment, *, here: bool = False) -> dict:
    """Return what every page about a file shows of it: the file, the way back, and which file it is."""
    crumbs = [(_("Files"), reverse("file_list"))]
    place = [
        str(file.organ.region),
        file.organ.region.get_kind_display(),
        _("round %(year)s") % {"year": file.cycle.year},
    ]
    if not here:
        crumbs.append((str(file.organ), reverse("file_detail", args=[file.pk])))
        place.insert(0, str(file.organ))
    return {"file": file, "crumbs": crumbs, "place": " · ".join(place)}


@require_safe
def file_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show one file to everybody in scope: where it is, who acts next, what this person can do, what has been said."""
    user = request.user
    file = get_object_or_404(Assessment.objects.visible_to(user).with_places(), pk=pk)
    read = read_file(user, file)
    visits, findings = read.visits, read.findings
    if findings:
        name_next(findings, findings[0].inspection, read.clerks)
    reads_self = may_read_self(user, file)
    comparison = compare(user, file, visits, reads_self=reads_self)
    context = {
        **about(file, here=True),
        "next_actors": stages.next_actors(file.stage_for(user)),
        "offers": offers(Scene(user, read)),
        "visits": visits,
        "findings": findings,
        "waiting": {state: sum(one.state == state for one in findings) for state in ("open", "answered")},
        "reads_self": reads_self,
        "self_result": _self_result(file) if reads_self else None,
        "comparison": comparison,
        "overturned": overturned(comparison, visits),
        "history": _history(user, read),
        "receipts": read.receipts,
        **_outcome(user, read),
    }
    return render(request, "reviews/file_detail.html", context)


def _self_result(file: Assessment) -> scoring.Result:
    found = {answer.indicator.code: answer.found_value() for answer in file.answers.all()}
    return scoring.rate(file.cycle.standard.rulebook(), found)


def _history(user, read: Reading) -> list[tuple]:
    """Return every stage change with the note that this person may read and the reasons per indicator."""
    has_open_visit = any(
        not visit.is_filed and user.pk in {member.user_id for member in visit.members.all()} for visit in read.visits
    )
    changes = read.changes
    if read.file.is_withheld_from(user):  # as `Assessment.changes_for`
        changes = [change for change in changes if change.at <= read.file.told_since]
    return [
        (change, "" if has_open_visit and change.step in VERDICTS_OF_INSPECTION else change.note, change.reasons.all())
        for change in changes
    ]


def _outcome(user, read: Reading) -> dict:
    """Return draw, superior's letter, notice and recognition of the file; a notice is named once it is public."""
    file, member, listing = read.file, read.member, read.listing
    result = getattr(member, "result", None) if may(user, "file.read_draw", file) else None
    # only what was drawn and not visited through the portal can have been decided by a letter
    by_letter = bool(result and result.drawn) and not any(visit.is_spot_check for visit in read.visits)
    letter = spot_checks.recorded(file) if by_letter and may(user, "spot_check.read_letter", file) else None
    return {
        "pool_member": member,
        "draw_state": _draw_state(user, file, member) if result else "",
        "letter": letter,
        "overturning": next((one for one in read.changes if one.step == "overturn"), None) if letter else None,
        "reads_pool": bool(member) and member.reads_pool,
        "listing": listing if listing and listing.notice.is_published else None,
        "recognition": read.recognition,
    }


def _draw_state(user, file: Assessment, member: PoolMember) -> str:
    """Return what became of the file in its pool; what came after the draw to the organ's staff once it is public."""
    later = [one for one in (getattr(member, "extension", None), getattr(member, "replaced_by", None)) if one]
    if file.organ_id in user.organ_ids():
        later = [one for one in later if hasattr(one, "publication")]
    [(_member, state)] = standings([member], later)
    return state


def is_possible(file: Assessment, step: str) -> bool:
    """Tell whether the table of steps allows the step where the file stands now; pages say so before they ask."""
    return file.stage in stages.STEPS[step].from_stages


def file_send_back(request: HttpRequest, pk: int) -> HttpResponse:
    """Send a file back to the organ with a reason for each indicator named."""
    file = file_in_scope(request, pk)
    require(request.user, "file.send_back", file)
    form = SendBackForm(list(file.cycle.standard.indicators.all()), request.POST or None)
    if form.is_valid():
        response = take(
            request,
            lambda: file_verbs.send_back(file, by=request.user, reasons=form.reasons(), note=form.cleaned_data["note"]),
            to=reverse("file_detail", args=[pk]),
            done=_("The file has been sent back to the organ."),
            form=form,
        )
        if response:
            return response
    context = {**about(file), "form": form, "possible": is_possible(file, "send_back")}
    context["reads_self"] = may_read_self(request.user, file)
    return render(request, "reviews/file_send_back.html", context)


def spot_check_record_letter(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the result of a spot check that the superior made outside the portal, with its scanned letter."""
    file = file_in_scope(request, pk)
    require(request.user, "spot_check.record_letter", file)
    form = LetterForm(request.POST or None, request.FILES or None)
    if form.is_valid():
        given, letters = form.result(), Evidence.Purpose.LETTER
        with laid_down(file.organ, [given["letter"]], purpose=letters, by=request.user) as [letter]:
            response = take(
                request,
                lambda: spot_checks.record_result(file, by=request.user, **given | {"letter": letter}),
                to=reverse("file_detail", args=[pk]),
                done=_("The superior's result has been recorded."),
                form=form,
            )
        if response:
            return response
    possible = is_possible(file, "confirm") and not file.inspections.filter(kind="spot_check").exists()
    context = {**about(file), "form": form, "possible": possible}
    return render(request, "reviews/spot_check_record_letter.html", context)


@require_safe
def spot_check_letter(request: HttpRequest, pk: int) -> FileResponse:
    """Send the scan of the superior's letter that decided the file's spot check; 404 where none did."""
    file = file_in_scope(request, pk)
    require(request.user, "spot_check.read_letter", file)
    letter = spot_checks.letter_of(file)
    if letter is None:
        raise Http404
    return as_download(letter.original, name=letter.name, content_type=letter.content_type)
