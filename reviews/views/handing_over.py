"""Somebody leaves: a registrar sees what goes to the successor, and passes everything on with one click."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.translation import gettext as _

from creation.errors import Refused
from creation.forms.people import SuccessorForm
from creation.models import User
from creation.rules import require
from creation.views.taking import form_key_of, put_on_form, take
from reviews.actions import handing_over


def person_pass_on(request: HttpRequest, pk: int) -> HttpResponse:
    """Ask for successor and last day, show what would move and what stays, and pass it on when that is sent."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    require(request.user, "people.list")
    if request.method == "POST":
        form_key_of(request)
    asked = request.POST if request.method == "POST" else request.GET if "last_day" in request.GET else None
    form = SuccessorForm(asked, registrar=request.user, person=person)
    plan = None
    if form.is_valid():
        if request.method == "POST":
            done = _pass_on(request, person, form)
            if done is not None:
                return done
        else:
            plan = _preview(request, person, form)
    context = {
        "person": person,
        "form": form,
        "plan": plan,
        "crumbs": [(_("People"), reverse("person_list")), (str(person), reverse("person_detail", args=[person.pk]))],
    }
    return render(request, "reviews/person_pass_on.html", context)


def _preview(request: HttpRequest, person: User, form: SuccessorForm) -> handing_over.Preview | None:
    try:
        return handing_over.preview(
            person, to=form.cleaned_data["successor"], last_day=form.cleaned_data["last_day"], by=request.user
        )
    except Refused as refused:
        put_on_form(form, refused)
        return None


def _pass_on(request: HttpRequest, person: User, form: SuccessorForm) -> HttpResponse | None:
    left: list[str] = []
    successor, last_day = form.cleaned_data["successor"], form.cleaned_data["last_day"]

    def pass_on() -> None:
        done = handing_over.pass_everything_on(person, to=successor, last_day=last_day, by=request.user)
        left.extend(
            _("The visit to %(organ)s on %(day)s stays with %(person)s: %(why)s")
            % {"organ": visit.assessment.organ, "day": visit.visit_on.isoformat(), "person": person, "why": why}
            for visit, why in done.stay
        )

    answer = take(
        request,
        pass_on,
        to=reverse("person_detail", args=[person.pk]),
        done=_("Everything has been passed on to %(person)s; the posts end on %(day)s.")
        % {"person": successor, "day": last_day.isoformat()},
        form=form,
    )
    for sentence in left if answer is not None else ():
        messages.warning(request, sentence)
    return answer
