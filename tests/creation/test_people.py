"""People: who sees them, how they come in, how posts begin and end."""

from datetime import timedelta

import pytest
from django.core import mail
from django.db import connection
from django.urls import reverse

from creation import clock
from creation.actions import people
from creation.errors import Forbidden, Refused
from creation.models import Appointment, Event, User
from reviews.demo import builders
from tests.cast import keyed

LANGUAGES = ("zh-CN", "en")
PASSWORD = "another-quiet-river"


def new_person(**changed):
    fields = {
        "username": "lin",
        "name": "林青",
        "name_en": "Lin Qing",
        "email": "lin@example.cn",
        "phone": "010-1",
        "role": "clerk",
        "organ": "机关1",
        "starts_on": clock.today().isoformat(),
    }
    return keyed(**(fields | changed))


def names_on(page):
    return [person.username for person in page.context["page"]]


# --- who sees whom ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["person_list", "person_invite"])
def test_a_registrar_sees_the_pages_in_both_languages(sign_in, name, language):
    page = sign_in("registrar").get(reverse(name), headers={"accept-language": language})
    assert (page.status_code, page.content.decode().count("<h1")) == (200, 1)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", ["person_detail", "appointment_add"])
def test_the_pages_of_a_person_stand_in_both_languages(world, sign_in, name, language):
    where = reverse(name, args=[world["clerk"].pk])
    assert sign_in("registrar").get(where, headers={"accept-language": language}).status_code == 200


@pytest.mark.parametrize("username", ["stranger", "clerk", "official", "viewer"])
def test_only_a_registrar_lists_and_invites(sign_in, username):
    client = sign_in(username)
    answers = [client.get(reverse(name)).status_code for name in ("person_list", "person_invite")]
    assert answers == [403, 403]


def test_signed_out_one_is_led_to_the_sign_in_page(world, sign_in):
    post = world["clerk"].appointments.get()
    ways = [reverse("person_list"), reverse("person_invite"), reverse("person_detail", args=[world["clerk"].pk])]
    ways += [reverse("appointment_add", args=[world["clerk"].pk]), reverse("appointment_end", args=[post.pk])]
    assert [sign_in("public").get(way).status_code for way in ways] == [302] * len(ways)


def test_a_stranger_sees_themselves_and_nobody_else(world, sign_in):
    client = sign_in("stranger")
    assert client.get(reverse("person_detail", args=[world["stranger"].pk])).status_code == 200
    assert client.get(reverse("person_detail", args=[world["clerk"].pk])).status_code == 404
    assert client.get(reverse("appointment_end", args=[world["clerk"].appointments.get().pk])).status_code == 404


def test_a_district_registrar_sees_the_district_only(world, sign_in):
    client = sign_in("district_registrar")
    listed = names_on(client.get(reverse("person_list")))
    expected = ["clerk", "clerk2", "district_registrar", "inspector", "inspector2", "official", "signatory"]
    assert listed == [*expected, "signatory2"]
    assert client.get(reverse("person_detail", args=[world["far_clerk"].pk])).status_code == 404


def test_posts_outside_the_registrars_regions_are_not_shown(world, sign_in):
    Appointment.objects.create(user=world["clerk"], role="viewer", region=world.city, starts_on=builders.LONG_AGO)
    where = reverse("person_detail", args=[world["clerk"].pk])
    assert [post.role for post in sign_in("district_registrar").get(where).context["posts"]] == ["clerk"]
    assert {post.role for post in sign_in("registrar").get(where).context["posts"]} == {"clerk", "viewer"}


# --- the list --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("asked", "expected"),
    [
        ({"q": "far_cl"}, ["far_clerk"]),
        ({"role": "viewer"}, ["viewer"]),
        ({"role": "clerk", "region": "district"}, ["clerk", "clerk2"]),
        ({"role": "clerk", "region": "nonsense"}, ["city_clerk", "clerk", "clerk2", "far_clerk"]),
        ({"q": "nobody at all"}, []),
    ],
)
def test_the_list_is_narrowed_by_the_address(world, sign_in, asked, expected):
    if asked.get("region") == "district":
        asked = asked | {"region": world.district.pk}
    found = names_on(sign_in("registrar").get(reverse("person_list"), asked))
    # an entry that makes no sense narrows nothing
    assert found == expected if asked.get("region") != "nonsense" else len(found) > len(expected)


def test_ended_posts_are_marked_and_can_be_asked_for(world, sign_in):
    yesterday = clock.today() - timedelta(days=1)
    world["clerk2"].appointments.update(ends_on=yesterday)
    client = sign_in("district_registrar")
    page = client.get(reverse("person_list"), {"state": "ended"})
    assert names_on(page) == ["clerk2"]
    assert f"ended {yesterday.isoformat()}" in page.content.decode()
    assert "clerk2" not in names_on(client.get(reverse("person_list"), {"state": "holding"}))


def test_a_list_without_anybody_says_why(sign_in):
    assert "Nobody fits" in sign_in("registrar").get(reverse("person_list"), {"q": "zzz"}).content.decode()


def test_the_list_asks_as_often_for_three_as_for_one(world, sign_in, django_assert_num_queries):
    for number in (1, 2, 3):
        builders.make_person(f"same{number}", ("viewer", world.district))
    client = sign_in("registrar")
    for asked, count in (("same1", 1), ("same", 3)):
        with django_assert_num_queries(8):
            page = client.get(reverse("person_list"), {"q": asked})
        assert len(names_on(page)) == count


# --- invitation ------------------------------------------------------------------------------------------------------


def test_whoever_is_invited_chooses_a_password_once_and_is_signed_in(
    world, sign_in, django_capture_on_commit_callbacks
):
    client = sign_in("registrar")
    with django_capture_on_commit_callbacks(execute=True):
        answer = client.post(reverse("person_invite"), new_person())
    person = User.objects.get(username="lin")
    assert answer["Location"] == reverse("person_detail", args=[person.pk])
    assert (person.name, person.phone, person.has_usable_password()) == ("林青", "010-1", False)
    post = person.appointments.get()
    assert (post.role, post.organ, post.starts_on, post.ends_on) == ("clerk", world.organ, clock.today(), None)

    link = client.get(answer["Location"]).context["link"]
    assert [message.to for message in mail.outbox] == [["lin@example.cn"]]
    assert "/invitation/" in mail.outbox[0].body

    invited = sign_in("public")
    form = invited.get(link)["Location"]
    assert invited.post(form, {"new_password1": "12345678", "new_password2": "12345678"}).status_code == 200
    done = invited.post(form, {"new_password1": PASSWORD, "new_password2": PASSWORD})
    assert done["Location"] == reverse("home")
    assert invited.get(reverse("home")).wsgi_request.user == person

    used = sign_in("public").get(link).content.decode()
    assert "can no longer be used" in used
    assert "ask the registrar" in used
    assert client.get(reverse("person_detail", args=[person.pk])).context["link"] == ""


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_made_up_link_says_what_to_do(world, client, language):
    where = reverse("invitation", args=["MQ", "abc-123"])
    assert client.get(where, headers={"accept-language": language}).status_code == 200


def test_without_an_address_nothing_is_mailed(sign_in, django_capture_on_commit_callbacks):
    with django_capture_on_commit_callbacks(execute=True):
        sign_in("registrar").post(reverse("person_invite"), new_person(email=""))
    assert User.objects.filter(username="lin").exists()
    assert mail.outbox == []


def test_a_mail_that_fails_holds_nobody_up(settings, sign_in, django_capture_on_commit_callbacks):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
    with django_capture_on_commit_callbacks(execute=True):
        assert sign_in("registrar").post(reverse("person_invite"), new_person()).status_code == 302
    assert User.objects.filter(username="lin").exists()


def test_the_same_form_sent_twice_invites_once(sign_in):
    client, form = sign_in("registrar"), new_person()
    first, second = (client.post(reverse("person_invite"), form) for _ in range(2))
    assert (first.status_code, first["Location"]) == (302, second["Location"])
    assert Event.objects.filter(verb="invite").count() == 1


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"username": "clerk"}, "username"),
        ({"username": "CLERK"}, "username"),
        ({"username": "a b"}, "username"),
        ({"name": ""}, "name"),
        ({"organ": "nowhere"}, "organ"),
        ({"organ": ""}, "role"),
        ({"role": "viewer"}, "role"),
        ({"role": "king"}, "role"),
        ({"starts_on": "2026-02-30"}, "starts_on"),
        ({"ends_on": "2020-01-01"}, "ends_on"),
        ({"organ": "机关\0"}, "organ"),
    ],
)
def test_a_refused_invitation_keeps_what_was_typed_and_names_the_field(sign_in, changed, field):
    before = User.objects.count()
    page = sign_in("registrar").post(reverse("person_invite"), new_person(phone="010-77", **changed))
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert "010-77" in page.content.decode()
    assert User.objects.count() == before


def test_of_several_organs_that_fit_one_is_chosen(world, sign_in):
    client = sign_in("registrar")
    page = client.post(reverse("person_invite"), new_person(organ="机关"))
    assert list(page.context["form"].errors) == ["chosen"]
    shown = {organ.pk for organ in page.context["form"].fields["chosen"].queryset}
    assert shown == {world.organ.pk, world.neighbour.pk, world.far_organ.pk, world.municipal_organ.pk}
    answer = client.post(reverse("person_invite"), new_person(organ="机关", chosen=world.neighbour.pk))
    assert answer.status_code == 302
    assert Appointment.objects.get(user__username="lin").organ == world.neighbour


def test_the_credit_code_names_one_organ(world, sign_in):
    sign_in("registrar").post(reverse("person_invite"), new_person(organ=world.far_organ.credit_code.lower()))
    assert Appointment.objects.get(user__username="lin").organ == world.far_organ


def test_a_registrar_invites_into_their_own_regions_only(world, sign_in):
    client = sign_in("district_registrar")
    far = client.post(reverse("person_invite"), new_person(organ=world.far_organ.credit_code))
    above = client.post(reverse("person_invite"), new_person(role="viewer", organ="", region=world.city.pk))
    assert list(far.context["form"].errors) == ["organ"]
    assert list(above.context["form"].errors) == ["region"]
    with pytest.raises(Forbidden):
        people.invite(
            {"username": "lin", "name": "林"},
            {"role": "viewer", "region": world.city, "starts_on": clock.today()},
            by=world["district_registrar"],
        )
    assert not User.objects.filter(username="lin").exists()


# --- a new link ------------------------------------------------------------------------------------------------------


def test_a_new_link_takes_the_old_password_away(world, sign_in, client):
    person = world["clerk"]
    person.set_password(PASSWORD)
    person.save()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    answer = sign_in("district_registrar").post(reverse("person_invite_again", args=[person.pk]), keyed())
    assert answer.status_code == 302
    assert not world["clerk"].has_usable_password()
    assert client.get(reverse("password_change")).status_code == 302


def test_nobody_gets_a_link_for_a_person_with_a_post_beyond_their_regions(world, sign_in):
    Appointment.objects.create(user=world["clerk"], role="official", region=world.city, starts_on=clock.today())
    client = sign_in("district_registrar")
    assert client.get(reverse("person_detail", args=[world["clerk"].pk])).context["link"] == ""
    again = reverse("person_invite_again", args=[world["clerk"].pk])
    assert client.post(again, keyed()).status_code == 403
    assert sign_in("official").post(again, keyed()).status_code == 403
    assert sign_in("stranger").post(again, keyed()).status_code == 404
    assert sign_in("official").get(reverse("person_detail", args=[world["clerk2"].pk])).context["link"] == ""


# --- posts -----------------------------------------------------------------------------------------------------------


def test_one_person_may_hold_several_posts(world, sign_in):
    where = reverse("appointment_add", args=[world["clerk"].pk])
    form = keyed(role="signatory", organ="机关2", starts_on=clock.today().isoformat())
    client = sign_in("registrar")
    assert [client.post(where, form).status_code for _ in range(2)] == [302, 302]
    assert {(post.role, post.organ) for post in world["clerk"].posts} == {
        ("clerk", world.organ),
        ("signatory", world.neighbour),
    }
    assert sign_in("official").get(where).status_code == 403
    assert sign_in("stranger").get(where).status_code == 404


def test_a_post_ends_on_its_last_day(world, sign_in):
    post = world["clerk2"].appointments.get()
    where = reverse("appointment_end", args=[post.pk])
    client = sign_in("district_registrar")
    assert client.get(where).status_code == 200
    today = clock.today()
    past = client.post(where, keyed(on=(today - timedelta(days=1)).isoformat()))
    assert list(past.context["form"].errors) == ["on"]
    assert client.post(where, keyed(on=today.isoformat()))["Location"].startswith("/people/")
    post.refresh_from_db()
    assert (post.ends_on, world["clerk2"].roles) == (today, {"clerk"})
    clock.set_ahead(1)
    assert world["clerk2"].roles == set()
    with pytest.raises(Refused):
        people.end_appointment(post, on=clock.today(), by=world["district_registrar"])


def test_an_official_sees_a_post_but_does_not_end_it(world, sign_in):
    where = reverse("appointment_end", args=[world["clerk"].appointments.get().pk])
    assert sign_in("official").get(where).status_code == 403
    assert sign_in("official").post(where, keyed(on=clock.today().isoformat())).status_code == 403
    assert sign_in("far_official").get(where).status_code == 404


def test_a_name_that_is_taken_between_the_look_and_the_writing_is_refused_in_words(world):
    looks = []

    def rival(execute, sql, params, many, context):
        """Let the look pass, and take the name right before it is written."""
        if sql.startswith('INSERT INTO "creation_user"') and not looks:
            looks.append(sql)
            User.objects.create(username="lin")
        return execute(sql, params, many, context)

    post, registrar = {"role": "viewer", "region": world.city, "starts_on": clock.today()}, world["registrar"]
    with connection.execute_wrapper(rival), pytest.raises(Refused) as refused:
        people.invite({"username": "lin"}, post, by=registrar)
    assert (refused.value.field, str(refused.value)) == ("username", "This user name is taken.")
