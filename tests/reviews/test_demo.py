"""The demonstration world: what the field's figures say, a file at every stage, and people for every role."""

import json
import subprocess
import sys
from datetime import timedelta
from io import StringIO

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import Max
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import timezone

from creation import clock, stages
from creation.actions import files
from creation.models import Appointment, Assessment, Cycle, Evidence, Organ, Recognition, StageChange, User
from reviews import workdays
from reviews.actions.notices import cleared_files, work_calendar
from reviews.demo import builders, people
from reviews.models import CompletionRate, Inspection, Notice, Objection, Pool

# the second mark asks for the test database: without it a run of this file alone would build the world in the real one
pytestmark = [pytest.mark.xdist_group("demo"), pytest.mark.django_db]
MD5 = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="module")
def demo_built(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demonstration world, built once for this file and undone at its end; gives the folder of its uploads."""
    folder = tmp_path_factory.mktemp("demo")
    here = override_settings(MEDIA_ROOT=folder, DEMO_CLOCK_FILE=folder / "clock", PASSWORD_HASHERS=MD5)
    with django_db_blocker.unblock(), transaction.atomic():
        with here:
            call_command("demo", stdout=StringIO())
        yield folder
        transaction.set_rollback(True)


@pytest.fixture
def demo(demo_built, settings):
    """The world as it was built; what a test changes is undone."""
    settings.MEDIA_ROOT = demo_built
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


def shown(*arguments: str) -> dict:
    out = StringIO()
    call_command("show_rates", "--json", *arguments, stdout=out)
    return {(row["region"], row["level"]): row for row in json.loads(out.getvalue())}


def everything() -> dict:
    """Return the number of rows and the highest id of every table."""
    return {
        model._meta.label: (model._default_manager.count(), model._default_manager.aggregate(top=Max("pk"))["top"])
        for model in apps.get_models()
    }


def test_the_figures_of_the_2020_round(demo):
    rows = shown("--as-of", "2021-08-23")
    assert rows["110000", "city"]["recognised"] == 26
    assert rows["110000", "district"]["recognised"] == 312
    assert rows["110000", "city"]["organs"] == 86
    assert rows["110000", "district"]["organs"] == 1176
    districts = [row for (code, level), row in rows.items() if level == "district" and code not in {"100000", "110000"}]
    assert len(districts) == 17
    assert sum(row["recognised"] for row in districts) == 312
    assert sum(row["organs"] for row in districts) == 1176
    assert {round(100 * row["recognised"] / row["organs"]) for row in districts if row["organs"] > 20} == {26, 27}
    assert rows["100000", "city"] == rows["110000", "city"] | {"region": "100000"}


def test_the_day_before_the_2020_round_was_announced_nobody_is_recognised(demo):
    first = Recognition.objects.earliest("granted_on").granted_on
    assert (first.year, {row["recognised"] for row in shown("--as-of", str(first - timedelta(days=1))).values()}) == (
        2021,
        {0},
    )


def test_today_the_districts_are_just_below_their_target_and_differ(demo):
    rows = shown()
    city, districts = rows["110000", "city"], rows["110000", "district"]
    assert [target["met"] for target in city["targets"]] == [True]
    assert [target["met"] for target in districts["targets"]] == [True, False]
    assert 77 < float(districts["rate"]) < 80
    own = [row for (code, _level), row in rows.items() if code[:4] == "1101" or code == "110400"]
    assert {tuple(target["met"] for target in row["targets"]) for row in own} == {
        (True, True),
        (True, False),
        (False, False),
    }


def test_targets_by_their_dates(demo):
    assert [(one["percent"], one["deadline"]) for one in shown()["110000", "district"]["targets"]] == [
        (75, "2022-12-31"),
        (80, "2025-12-31"),
    ]
    assert shown("--as-of", "2020-05-31")["110000", "district"]["targets"] == []
    assert [one["percent"] for one in shown("--as-of", "2022-12-31")["110000", "district"]["targets"]] == [75]


def test_titles_of_earlier_rounds_were_revoked_and_have_expired(demo):
    earlier = Recognition.objects.filter(source="import")
    assert earlier.filter(revoked_on__isnull=False).count() == 4
    assert earlier.filter(valid_until__lt=clock.today()).count() == 4
    years = set(earlier.values_list("granted_on__year", flat=True))
    assert years == {2021, *range(2022, clock.today().year)}
    assert (
        set(earlier.exclude(batch__contains="演示")) | set(earlier.exclude(document_number__contains="演示")) == set()
    )


def test_every_stage_has_files_and_they_are_spread(demo):
    by_stage = {stage: Assessment.objects.filter(stage=stage) for stage in stages.LABELS}
    assert {stage for stage, found in by_stage.items() if found.count() < 2} == set()
    assert 60 <= Assessment.objects.count() <= 80
    assert set(Assessment.objects.values_list("organ__region__code", flat=True)) == {
        "110000",
        "110101",
        "110102",
        "110105",
        "110108",
        "110112",
    }


def test_the_names_of_all_organs_say_that_they_are_a_demonstration(demo):
    assert Organ.objects.exclude(name__contains="（演示）").count() == 0


def test_everything_happened_in_the_past_in_the_order_of_its_rows_within_the_round(demo):
    cycle = Cycle.objects.get(closed_at=None)
    days = list(StageChange.objects.order_by("pk").values_list("at", flat=True))
    assert days == sorted(days)
    first = StageChange.objects.filter(assessment__cycle=cycle).earliest("pk")
    assert cycle.self_rating_from - timedelta(days=5) <= timezone.localdate(first.at)
    assert days[-1] < timezone.now()
    assert (cycle.self_rating_from, cycle.self_rating_until) == (
        clock.today() - timedelta(days=60),
        clock.today() + timedelta(days=60),
    )
    assert {cycle.window(name)[1] for name in ("inspection", "spot_check", "publicity")} == {
        clock.today() + timedelta(days=150)
    }


def test_notices_run_for_five_working_days_and_stand_in_every_state(demo):
    published = Notice.objects.filter(published_at__isnull=False)
    calendar = work_calendar()
    lengths = {workdays.working_days_between(one.first_day, one.last_day, calendar) for one in published}
    assert lengths == {5}
    today = clock.today()
    states = {
        (one.last_day < today, hasattr(one, "order") and one.order.done_at is not None, hasattr(one, "order"))
        for one in published
    }
    assert states == {(True, True, True), (True, False, False), (False, False, True)}
    waiting = published.get(order=None)
    assert set(waiting.listings.values_list("assessment__stage", flat=True)) == {stages.PUBLICISED}
    unpublished = Notice.objects.filter(published_at=None)
    assert sorted((one.is_handed_in, one.is_approved) for one in unpublished) == [(False, False), (True, False)]
    (second,) = Notice.objects.to_approve_by(User.objects.get(username="city-official2"))
    assert second.listings.exists()
    assert sorted(Objection.objects.values_list("state", flat=True)) == ["dismissed", "open", "open", "upheld"]


def test_draws_were_made_here_and_by_letter_and_spot_checks_ended_both_ways(demo):
    assert set(Pool.objects.values_list("region__code", "draw__source")) == {
        ("110000", "portal"),
        ("100000", "portal"),
        ("100000", "letter"),
    }
    ended = Inspection.objects.filter(kind="spot_check", filed_at__isnull=False)
    assert set(ended.values_list("passed", flat=True)) == {True, False}


def test_the_program_for_download_repeats_every_draw_from_its_public_file_alone(demo, tmp_path):
    program = tmp_path / "verify_draw.py"
    program.write_bytes(Client().get(reverse("public_draw_verifier")).content)
    ends = {}
    for pool in Pool.objects.all():
        folder = tmp_path / str(pool.pk)
        folder.mkdir()
        content = Client().get(reverse("public_draw_json", args=[pool.pk])).content
        (folder / "draw.json").write_bytes(content)
        command = [sys.executable, "-I", "-S", str(program), "draw.json"]
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
        drawn = json.loads(content)["draw"]
        said = (done.returncode, drawn["source"] if drawn else "", bool(drawn and drawn["extensions"]))
        ends.setdefault((pool.purpose, *said), []).append(done.stdout)
    # one list came in a letter, and two draws are not published yet: of those the pool is repeated
    assert {what: len(words) for what, words in ends.items()} == {
        ("spot_check", 0, "portal", False): 4,
        ("spot_check", 0, "portal", True): 1,
        ("spot_check", 0, "", False): 2,
        ("spot_check", 1, "letter", False): 1,
        ("recheck", 0, "portal", False): 1,
    }
    assert "from a letter" in ends["spot_check", 1, "letter", False][0]
    assert " for " in ends["spot_check", 0, "portal", True][0]


def test_people_for_every_role(demo):
    posts = set(Appointment.objects.exclude(region=None).values_list("role", "region__code"))
    assert {(role, "110101") for role in ("official", "inspector", "registrar")} <= posts
    assert {(role, "110000") for role in ("official", "inspector", "registrar", "viewer")} <= posts
    assert {(role, "100000") for role in ("official", "inspector")} <= posts
    numbers = {
        code: Appointment.objects.filter(role="inspector", region__code=code).count()
        for code in ("110101", "110000", "100000")
    }
    assert numbers == {"110101": 3, "110000": 3, "100000": 2}
    assert User.objects.get(username="several").roles == {"clerk", "inspector", "viewer"}


@pytest.mark.parametrize("username", [account.username for account in people.ACCOUNTS])
def test_everybody_listed_signs_in_with_the_password_that_is_printed(demo, username):
    client = Client()
    answer = client.post(reverse("login"), {"username": username, "password": people.PASSWORD})
    assert (answer.status_code, client.session["_auth_user_id"]) == (302, str(User.objects.get(username=username).pk))


def test_the_accounts_are_listed_with_their_password(demo):
    out = StringIO()
    call_command("demo", "--accounts", stdout=out)
    listed = out.getvalue()
    assert people.PASSWORD in listed
    names = [line.split()[0] for line in listed.splitlines()[3 : 3 + len(people.ACCOUNTS)]]
    assert names == [account.username for account in people.ACCOUNTS]


def test_a_stranger_to_the_demonstration_sees_nothing_of_it(demo):
    stranger = builders.make_person("stranger")
    assert [
        model.objects.visible_to(stranger).count() for model in (Assessment, Organ, Inspection, Notice, Objection)
    ] == [0] * 5


def test_the_snapshot_is_there(demo):
    kept = CompletionRate.objects.get(region__code="110000", level="district", as_of=clock.today())
    row = shown()["110000", "district"]
    assert (kept.organs, kept.recognised) == (row["organs"], row["recognised"])


def test_running_it_again_changes_nothing(demo, settings):
    before = everything()
    out = StringIO()
    call_command("demo", stdout=out)
    call_command("demo", "--stage", "submitted", stdout=out)
    assert out.getvalue().splitlines() == ["The demonstration world stands; nothing was changed."] * 2
    assert everything() == before


def test_it_is_sound(demo):
    out = StringIO()
    call_command("verify", stdout=out)
    assert {line.split(": ")[1] for line in out.getvalue().splitlines()} == {"ok"}


def fresh_organ() -> Organ:
    """Return the organ that waits for a visitor: a clerk, a signatory, papers, no file in the open round."""
    mine = Organ.objects.filter(appointments__user__username="clerk")
    begun = Assessment.objects.filter(cycle__closed_at=None).values("organ")
    return mine.filter(appointments__user__username="signatory").exclude(pk__in=begun).get()


def test_a_visitor_can_take_one_file_from_draft_to_recognised(demo):
    organ = fresh_organ()
    assert organ.region.code == "110101"
    assert Evidence.objects.filter(organ=organ, purpose="evidence").exists()
    before = shown()["110101", "district"]["recognised"]
    cast = {name: User.objects.get(username=name) for name in ("clerk", "signatory", "official", "inspector")}
    cast |= {
        "inspector2": User.objects.get(username="inspector2"),
        "superior": User.objects.get(username="city-official"),
        "city": User.objects.get(username="city-official"),
        "checker": User.objects.get(username="city-inspector"),
        "checker2": User.objects.get(username="city-inspector2"),
    }
    cycle = Cycle.objects.get(closed_at=None)
    file = builders.bring_to(files.start(organ, cycle, by=cast["clerk"]), stages.PUBLICISED, cast)
    assert file not in cleared_files(file.cycle)
    with clock.at(timezone.now() + timedelta(days=30)):
        cast = {name: User.objects.get(pk=user.pk) for name, user in cast.items()}
        builders.recognise(file, cast)
        after = shown()["110101", "district"]["recognised"]
    assert after == before + 1


def test_it_is_refused_outside_the_demonstration_profile(demo, settings):
    before = everything()
    settings.PROFILE = "production"
    for arguments in ([], ["--accounts"], ["--stage", "draft"]):
        with pytest.raises(CommandError):
            call_command("demo", *arguments, stdout=StringIO())
    with pytest.raises(RuntimeError), clock.at(timezone.now()):
        pass
    assert everything() == before


def test_an_unknown_stage_is_refused(demo):
    with pytest.raises(CommandError) as refused:
        call_command("demo", "--stage", "nowhere", stdout=StringIO())
    assert "nowhere" in str(refused.value)
    assert stages.UNDER_SPOT_CHECK in str(refused.value)
