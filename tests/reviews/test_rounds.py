"""The official calendar of a year and the targets: entered as dated data, refused in words."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from creation import clock
from creation.errors import Forbidden, Refused
from creation.models import Event
from reviews.actions import notices, targets
from reviews.models import CalendarYear, Target
from reviews.workdays import library_years
from tests.cast import keyed

LANGUAGES = ("zh-CN", "en")
WAYS = ("calendar_list", "calendar_enter", "target_list", "target_add")
UNKNOWN = library_years()[-1] + 1


@pytest.fixture(autouse=True)
def _no_year_is_entered(world):
    """Late in a year the cast knows the next one; here nobody has entered it yet."""
    CalendarYear.objects.all().delete()


def enter(client, days, **changed):
    fields = {"year": UNKNOWN, "source": "国办发明电〔2026〕7号", "days": days}
    return client.post(reverse("calendar_enter"), keyed(**(fields | changed)))


def a_target(**changed):
    fields = {"level": "district", "percent": "80", "starts_on": "2023-01-01", "deadline": "2025-12-31", "region": ""}
    return keyed(**(fields | changed))


# --- who may ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("username", ["stranger", "official", "clerk", "registrar", "viewer"])
def test_only_an_official_of_a_municipality_enters_and_sets(world, sign_in, username):
    client = sign_in(username)
    assert [client.get(reverse(way)).status_code for way in WAYS] == [200, 403, 200, 403]
    assert enter(client, f"{UNKNOWN}-01-01 off").status_code == 403
    assert client.post(reverse("target_add"), a_target()).status_code == 403
    with pytest.raises(Forbidden):
        notices.enter_calendar(UNKNOWN, {}, source="x", by=world[username])
    assert (CalendarYear.objects.count(), Target.objects.count()) == (0, 0)


def test_signed_out_one_is_led_to_the_sign_in_page(world, sign_in):
    assert [sign_in("public").get(reverse(way)).status_code for way in WAYS] == [302] * 4


@pytest.mark.parametrize("language", LANGUAGES)
def test_all_pages_stand_in_both_languages(world, sign_in, language):
    client = sign_in("city")
    enter(client, f"{UNKNOWN}-01-01 off")
    client.post(reverse("target_add"), a_target())
    for way in WAYS:
        page = client.get(reverse(way), headers={"accept-language": language})
        assert (page.status_code, page.content.decode().count("<h1")) == (200, 1)


# --- the calendar ----------------------------------------------------------------------------------------------------


def test_a_year_is_entered_and_notices_are_counted_by_it(world, sign_in):
    client = sign_in("city")
    with pytest.raises(Refused):
        notices.period_from(date(UNKNOWN, 1, 4), 5)
    # 4 January is a Monday here; its Friday is made a holiday and the Saturday after it a workday
    assert enter(client, "2027-01-08 off\n\n2027-01-09 work\n").status_code == 302
    assert notices.period_from(date(2027, 1, 4), 5) == (date(2027, 1, 5), date(2027, 1, 11))
    row = CalendarYear.objects.get()
    assert (row.year, row.source, row.entered_by) == (UNKNOWN, "国办发明电〔2026〕7号", world["city"])
    page = client.get(reverse("calendar_list")).content.decode()
    assert "国办发明电〔2026〕7号" in page
    assert f"{library_years()[0]} to {library_years()[-1]} come with" in page


def test_an_entered_year_is_offered_again_and_replaced(sign_in):
    client = sign_in("city")
    enter(client, "2027-01-01 休\n2027-01-03 班")
    offered = client.get(reverse("calendar_enter"), {"year": UNKNOWN}).context["form"].initial
    assert offered["days"] == "2027-01-01 off\n2027-01-03 work"
    enter(client, "2027-01-01 off")
    assert [day.is_workday for day in CalendarYear.objects.get().days.all()] == [False]
    assert Event.objects.filter(verb="enter_calendar").last().before == {"2027-01-01": False, "2027-01-03": True}


@pytest.mark.parametrize("asked", ["", "abc", "0000", "99999", "２０２７"])
def test_a_year_that_is_none_is_passed_over(sign_in, asked):
    assert sign_in("city").get(reverse("calendar_enter"), {"year": asked}).status_code == 200


def test_every_faulty_line_is_named_at_once(sign_in):
    lines = [
        "2027-01-01 off",
        "2027-13-01 off",
        "2027-01-02",
        "2027-01-03 holiday",
        "2026-12-31 off",
        "2027-01-01 work",
        "2027-01-04 off because",
        "",
        "2027-01-05 work",
    ]
    page = enter(sign_in("city"), "\n".join(lines))
    assert page.status_code == 200
    faults = page.context["form"].errors["days"]
    assert [fault.split("“")[0] for fault in faults] == [f"Line {number} " for number in (2, 3, 4, 5, 6, 7)]
    assert "2027-01-04 off because" in page.content.decode()
    assert CalendarYear.objects.count() == 0


@pytest.mark.parametrize(
    ("changed", "field"), [({"source": " "}, "source"), ({"year": 1900}, "year"), ({"days": " "}, "days")]
)
def test_what_is_missing_is_named_by_its_field(sign_in, changed, field):
    page = enter(sign_in("city"), **({"days": "2027-01-01 off"} | changed))
    assert field in page.context["form"].errors
    assert CalendarYear.objects.count() == 0


def test_the_same_form_sent_twice_enters_once(sign_in):
    client = sign_in("city")
    form = keyed(year=UNKNOWN, source="x", days="2027-01-01 off")
    assert [client.post(reverse("calendar_enter"), form).status_code for _ in range(2)] == [302, 302]
    assert Event.objects.filter(verb="enter_calendar").count() == 1


def test_a_year_that_nobody_knows_is_named_before_it_begins(world, sign_in):
    clock.set_ahead((date(UNKNOWN, 1, 10) - clock.today()).days)
    page = sign_in("city").get(reverse("calendar_list"))
    assert page.context["missing"] == [UNKNOWN, UNKNOWN + 1]


# --- targets ---------------------------------------------------------------------------------------------------------


def test_a_target_is_set_once_and_recorded(world, sign_in):
    client, form = sign_in("city"), a_target()
    assert [client.post(reverse("target_add"), form).status_code for _ in range(2)] == [302, 302]
    row = Target.objects.get()
    assert (row.level, row.percent, row.deadline, row.region) == ("district", Decimal(80), date(2025, 12, 31), None)
    event = Event.objects.get(verb="set_target")
    assert (event.by, event.subject_id) == (world["city"], row.pk)
    assert event.after["percent"] == "80"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"percent": "0"}, "percent"),
        ({"percent": "100.01"}, "percent"),
        ({"percent": "x"}, "percent"),
        ({"deadline": "2022-12-31"}, "deadline"),
        ({"level": "village"}, "level"),
        ({"starts_on": ""}, "starts_on"),
    ],
)
def test_a_refused_target_names_the_field(sign_in, changed, field):
    page = sign_in("city").post(reverse("target_add"), a_target(**changed))
    assert page.status_code == 200
    assert list(page.context["form"].errors) == [field]
    assert Target.objects.count() == 0


@pytest.mark.parametrize("region", [True, False])
def test_a_target_is_not_quietly_rewritten(world, sign_in, region):
    client = sign_in("city")
    where = {"region": world.district.pk if region else ""}
    client.post(reverse("target_add"), a_target(**where))
    page = client.post(reverse("target_add"), a_target(**where, percent="70"))
    assert list(page.context["form"].errors) == ["deadline"]
    assert [row.percent for row in Target.objects.all()] == [Decimal(80)]


def test_a_target_for_a_region_lies_in_ones_own(world, sign_in):
    page = sign_in("city").post(reverse("target_add"), a_target(region=world.nation.pk))
    assert list(page.context["form"].errors) == ["region"]
    row = Target(
        level="district", percent=80, starts_on=date(2023, 1, 1), deadline=date(2025, 1, 1), region=world.nation
    )
    with pytest.raises(Forbidden):
        targets.set_target(row, by=world["city"])


def test_lists_ask_as_often_for_three_as_for_one(world, sign_in, django_assert_num_queries):
    client = sign_in("city")
    for number in range(3):
        day = date(2025, 12, 31) + timedelta(days=number)
        client.post(reverse("target_add"), a_target(deadline=day.isoformat(), region=world.district.pk))
        enter(client, f"{UNKNOWN + number}-01-01 off", year=UNKNOWN + number)
        client.get(reverse("target_list"))  # shows what was done, which is read once
        if number in {0, 2}:
            with django_assert_num_queries(5):
                assert len(client.get(reverse("target_list")).context["targets"]) == number + 1
            with django_assert_num_queries(6):
                assert len(client.get(reverse("calendar_list")).context["entered"]) == number + 1
