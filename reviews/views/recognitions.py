"""Pages on which organs are recognised, all of a notice or one by hand."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from creation import clock
from creation.models import Assessment, Recognition
from creation.rules import require
from creation.views.taking import take
from reviews.actions import recognitions
from reviews.forms.recognitions import RecogniseForm
from reviews.models import Notice


@require_http_methods(["GET", "HEAD", "POST"])
def recognition_order(request: HttpRequest, pk: int) -> HttpResponse:
    """Order the recognition of everything on a notice, and show what still waits and why."""
    within = Notice.objects.visible_to(request.user).select_related("cycle__region", "order__ordered_by")
    notice = get_object_or_404(within, pk=pk)
    require(request.user, "notice.manage", notice.cycle)
    if not notice.is_published:
        return redirect("notice_preview", pk)
    form = RecogniseForm(request.POST or None, initial={"batch": notice.cycle.batch})
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: recognitions.order_recognition(notice, by=request.user, **form.cleaned_data),
            to=reverse("recognition_order", args=[pk]),
            done=_("Ordered. Each organ is recognised as soon as nothing stands against it."),
            form=form,
        )
        if answer:
            return answer
    waiting = recognitions.what_waits(notice)
    granted = Recognition.objects.filter(assessment__listing__notice=notice).count()
    context = {"notice": notice, "form": form, "waiting": waiting, "granted": granted, "today": clock.today()}
    return render(request, "reviews/recognition_order.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def recognition_grant(request: HttpRequest, pk: int) -> HttpResponse:
    """Recognise one organ by hand."""
    file = get_object_or_404(Assessment.objects.visible_to(request.user).with_places(), pk=pk)
    require(request.user, "notice.manage", file.cycle)
    form = RecogniseForm(request.POST or None, initial={"batch": file.cycle.batch})
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: recognitions.recognise(file, by=request.user, **form.cleaned_data),
            to=reverse("file_detail", args=[pk]),
            done=_("Recognised. The rates of the region follow within seconds."),
            form=form,
        )
        if answer:
            return answer
    context = {"file": file, "form": form, "obstacle": recognitions.why_not(file)}
    return render(request, "reviews/recognition_grant.html", context)
