"""People and their posts: list, invitation, posts."""

from functools import partial

from django.contrib.auth.views import PasswordResetConfirmView
from django.core.paginator import Paginator
from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from creation import clock
from creation.actions import people
from creation.forms.people import EndForm, InviteForm, PeopleFilter, PostForm
from creation.models import Appointment, User
from creation.rules import may, require
from creation.views.taking import take

PEOPLE_PER_PAGE = 50


@require_safe
def person_list(request: HttpRequest) -> HttpResponse:
    """Return the people in the registrar's regions, narrowed by the filter in the address."""
    require(request.user, "people.list")
    chosen = PeopleFilter(request.GET, registrar=request.user)
    page = Paginator(people_in_reach(request.user, chosen), PEOPLE_PER_PAGE)
    context = {"page": page.get_page(request.GET.get("page")), "filter": chosen, "today": clock.today()}
    return render(request, "creation/person_list.html", context)


def people_in_reach(registrar: User, chosen: PeopleFilter) -> QuerySet[User]:
    """Return the people in the registrar's regions that fit the filter, with the posts the registrar may see."""
    posts = Appointment.objects.visible_to(registrar)
    found = chosen.narrow(User.objects.visible_to(registrar), posts).order_by("username")
    shown = posts.select_related("organ", "region").order_by("-starts_on", "id")
    return found.prefetch_related(Prefetch("appointments", shown, to_attr="shown_posts"))


def person_invite(request: HttpRequest) -> HttpResponse:
    """Return the form of an invitation; a sent one creates the person with their first post and mails the link."""
    require(request.user, "people.list")
    given = {name: request.GET.get(name) for name in ("organ", "role", "region")}
    form = InviteForm(request.POST or None, initial=_only_given(given), registrar=request.user)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: _send_link(request, people.invite(form.details(), form.post(), by=request.user)),
            to=_page_of,
            done=_("Invited. Hand the link below to the person; it works once."),
            form=form,
        )
        if answer:
            return answer
    return render(request, "creation/person_invite.html", {"form": form, "crumbs": _crumbs()})


def _only_given(initial: dict) -> dict:
    return {name: value for name, value in initial.items() if value}


def _send_link(request: HttpRequest, person: User) -> User:
    transaction.on_commit(partial(people.send_invitation, person, _link_of(request, person)))
    return person


def _link_of(request: HttpRequest, person: User) -> str:
    return request.build_absolute_uri(reverse("invitation", args=people.invitation_token(person)))


def _page_of(person: User) -> str:
    return reverse("person_detail", args=[person.pk])


def _crumbs(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("People"), reverse("person_list")), *more]


@require_safe
def person_detail(request: HttpRequest, pk: int) -> HttpResponse:
    """Return a person with those of their posts that the reader may see, and the link while it has not been used."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    posts = Appointment.objects.visible_to(request.user).filter(user=person)
    waits = not person.has_usable_password()
    context = {
        "person": person,
        "posts": posts.select_related("organ__region", "region").order_by("-starts_on", "id"),
        "today": clock.today(),
        "waits": waits,
        "link": _link_of(request, person) if waits and may(request.user, "people.invite_again", person) else "",
        "crumbs": _crumbs() if may(request.user, "people.list") else [],
    }
    return render(request, "creation/person_detail.html", context)


@require_POST
def person_invite_again(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the person's password away and lead to their page, which shows the new link."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    require(request.user, "people.invite_again", person)
    return take(
        request,
        lambda: _send_link(request, people.invite_again(person, by=request.user)),
        to=_page_of,
        done=_("The old password no longer works. Hand the link below to the person; it works once."),
    )


def appointment_add(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the form of one more post of a person; a sent one gives it."""
    person = get_object_or_404(User.objects.visible_to(request.user), pk=pk)
    require(request.user, "people.list")
    form = PostForm(request.POST or None, registrar=request.user)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: people.appoint(person, by=request.user, **form.post()),
            to=_page_of(person),
            done=_("The post has been given."),
            form=form,
        )
        if answer:
            return answer
    context = {"form": form, "person": person, "crumbs": _crumbs((str(person), _page_of(person)))}
    return render(request, "creation/appointment_add.html", context)


def appointment_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Return the form of a post's last day; a sent one lets it end."""
    post = get_object_or_404(
        Appointment.objects.visible_to(request.user).select_related("user", "organ__region", "region"), pk=pk
    )
    require(request.user, "people.appoint", post.organ.region if post.organ else post.region)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        answer = take(
            request,
            lambda: people.end_appointment(post, on=form.cleaned_data["on"], by=request.user),
            to=_page_of(post.user),
            done=_("The post ends on %(day)s.") % {"day": form.cleaned_data["on"].isoformat()},
            form=form,
        )
        if answer:
            return answer
    context = {"form": form, "post": post, "crumbs": _crumbs((str(post.user), _page_of(post.user)))}
    return render(request, "creation/appointment_end.html", context)


class Invitation(PasswordResetConfirmView):
    """An invited person chooses a password by a link that works once, and is signed in; public by its nature."""

    template_name = "creation/invitation.html"
    success_url = reverse_lazy("home")
    post_reset_login = True
    post_reset_login_backend = "django.contrib.auth.backends.ModelBackend"


invitation = Invitation.as_view()
