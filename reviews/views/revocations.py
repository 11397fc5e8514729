"""Pages of a case about a title: opened, answered by the organ, proposed by one official, decided by another."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from creation import clock
from creation.models import Organ, Recognition
from creation.rules import may, require
from creation.views.taking import take
from reviews.actions import revocations
from reviews.forms.revocations import CaseAnswerForm, CaseDecisionForm, OpenCaseForm, ProposalForm
from reviews.models import RevocationCase

PAGE = 50


def _case(request: HttpRequest, pk: int) -> RevocationCase:
    return get_object_or_404(RevocationCase.objects.visible_to(request.user).with_title(), pk=pk)


@require_safe
def revocation_list(request: HttpRequest) -> HttpResponse:
    """Show the cases in the person's reach, the open ones first."""
    rows = RevocationCase.objects.visible_to(request.user).with_title().order_by("-opened_at", "-pk")
    state = request.GET.get("state", "open")
    if state in {"open", "decided"}:
        rows = rows.filter(decided_at__isnull=state == "open")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    states = [("open", _("Open")), ("decided", _("Decided"))]
    return render(request, "reviews/revocation_list.html", {"page": page, "state": state, "states": states})


@require_http_methods(["GET", "HEAD", "POST"])
def recognition_revoke(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a case about a title; a title is in reach where its organ is."""
    within = Recognition.objects.filter(organ__in=Organ.objects.visible_to(request.user))
    title = get_object_or_404(within.select_related("organ__region", "assessment__cycle__region"), pk=pk)
    require(request.user, "recognition.revoke", title)
    form = OpenCaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: revocations.open_case(title, by=request.user, **form.cleaned_data),
            to=lambda case: reverse("revocation_detail", args=[case.pk]),
            done=_("The case is open, the organ has been told."),
            form=form,
        )
        if answer:
            return answer
    context = {
        "title_held": title,
        "form": form,
        "ended": not title.is_live_on(clock.today()),
        "days": revocations.hearing_days(title),
    }
    return render(request, "reviews/recognition_revoke.html", context)


@require_safe
def revocation_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Show facts, answer and decision; the proposal to whoever decides."""
    case = _case(request, pk)
    decides = may(request.user, "revocation.decide", case)
    context = {
        "case": case,
        "decides": decides,
        "is_heard": case.is_heard_on(clock.today()),
        "answers": may(request.user, "revocation.answer", case),
        "is_mine": case.proposed_by_id == request.user.pk,
    }
    return render(request, "reviews/revocation_detail.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def revocation_answer(request: HttpRequest, pk: int) -> HttpResponse:
    """Let the organ answer the facts, once."""
    case = _case(request, pk)
    require(request.user, "revocation.answer", case)
    if request.method != "POST" and (case.answered_at or case.decided_at):
        return redirect("revocation_detail", pk)
    form = CaseAnswerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: revocations.answer_case(case, text=form.cleaned_data["text"], by=request.user),
            to=reverse("revocation_detail", args=[pk]),
            done=_("The answer is with the deciding officials."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "reviews/revocation_answer.html", {"case": case, "form": form})


@require_http_methods(["GET", "HEAD", "POST"])
def revocation_propose(request: HttpRequest, pk: int) -> HttpResponse:
    """Propose what becomes of the title."""
    case = _case(request, pk)
    require(request.user, "revocation.decide", case)
    if request.method != "POST" and case.decided_at:
        return redirect("revocation_detail", pk)
    form = ProposalForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: revocations.propose(case, by=request.user, **form.cleaned_data),
            to=reverse("revocation_detail", args=[pk]),
            done=_("Proposed. Another official decides."),
            form=form,
        )
        if answer:
            return answer
    context = {"case": case, "form": form, "is_heard": case.is_heard_on(clock.today())}
    return render(request, "reviews/revocation_propose.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def revocation_decide(request: HttpRequest, pk: int) -> HttpResponse:
    """Decide as it was proposed; the proposal that stood on the page is the one that is decided."""
    case = _case(request, pk)
    require(request.user, "revocation.decide", case)
    if request.method != "POST" and (case.decided_at or not case.proposed):
        return redirect("revocation_detail", pk)
    stands = case.proposed_at.isoformat() if case.proposed_at else ""
    form = CaseDecisionForm(request.POST or None, initial={"seen": stands})
    if request.method == "POST" and form.is_valid():
        if form.cleaned_data["seen"] != stands:
            case.proposed_at = None  # what was read stands no longer: the verb compares and refuses
        answer = take(
            request,
            lambda: revocations.decide(case, by=request.user),
            to=reverse("revocation_detail", args=[pk]),
            done=_("Decided and published."),
            form=form,
        )
        if answer:
            return answer
    context = {"case": case, "form": form, "is_mine": case.proposed_by_id == request.user.pk}
    return render(request, "reviews/revocation_decide.html", context)
