"""Reports: asked for, written by the worker, fetched by whoever asked, with the rights of the moment both times."""

import csv
import hashlib
import io
import os
import signal
import time
from datetime import timedelta

import openpyxl
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation import clock, stages
from creation.errors import Forbidden, Refused
from creation.models import Appointment, Event, Message, Organ
from portal.reports import asking, lists
from portal.tasks import clear_reports, work_off_reports
from reviews import claims
from reviews.actions.rates import recount_all
from reviews.demo import builders
from reviews.models import Report
from reviews.tasks import sweep
from tests.cast import keyed

pytestmark = pytest.mark.django_db


def asked_and_written(user, kind="register", report_format="csv", **asked):
    """Ask for a report, let the worker write it, and return its row."""
    report = asking.ask(kind, report_format, asked, by=user)
    work_off_reports()
    return Report.objects.get(pk=report.pk)


def rows_of(report):
    """Return the rows of a written table, its head first."""
    path = asking.path_of(report)
    if report.format == "csv":
        return list(csv.reader(io.StringIO(path.read_text(encoding="utf-8-sig"))))
    sheet = openpyxl.load_workbook(path).worksheets[0]
    return [list(row) for row in sheet.iter_rows(values_only=True)]


def download(report):
    return reverse("report_download", args=[report.pk, asking.key_of(report)])


# --- asking ----------------------------------------------------------------------------------------------------------


def test_who_may_not_read_something_cannot_ask_for_it(world):
    far = {"region": "110102"}
    for person, kind, asked in (
        ("stranger", "register", {}),
        ("stranger", "region", {"region": "110101"}),
        ("official", "region", far),
        ("clerk", "counted", {"region": "110101", "what": "missing"}),
        ("clerk", "state_columns", {"region": "110101"}),
        ("city", "region", {"region": "110000", "as_of": "2999-01-01"}),
        ("city", "region", {"region": "110000", "as_of": "yesterday"}),
        ("city", "counted", {"region": "110000", "what": "missing", "level": "everything"}),
        ("city", "counted", {"region": "110000", "what": "everything"}),
        ("city", "counted", {"region": "110000", "what": "missing", "within": "120000"}),
        ("city", "state_columns", {"region": "110000", "rows": "all"}),
        ("city", "nothing of the kind", {}),
    ):
        with pytest.raises(Forbidden):
            asking.ask(kind, "csv", asked, by=world[person])
    with pytest.raises(Refused, match="in that form"):
        asking.ask("region", "csv", {"region": "110101"}, by=world["official"])
    assert not Report.objects.exists()


def test_the_same_again_is_the_one_that_waits_and_only_a_few_wait(world, settings):
    settings.REPORTS_WAITING = 2
    first = asking.ask("register", "csv", {"category": "court"}, by=world["city"])
    assert asking.ask("register", "csv", {"category": "court", "nonsense": "x", "q": ""}, by=world["city"]) == first
    assert asking.ask("register", "csv", {"category": "court"}, by=world["viewer"]) != first
    asking.ask("register", "xlsx", {"category": "court"}, by=world["city"])
    with pytest.raises(Refused, match="2 reports waiting"):
        asking.ask("register", "xlsx", {}, by=world["city"])
    assert asking.ask("register", "csv", {"category": "court"}, by=world["city"]) == first
    work_off_reports()
    assert asking.ask("register", "csv", {"category": "court"}, by=world["city"]) != first


# --- what is written -------------------------------------------------------------------------------------------------


def test_whoever_asked_hears_of_it_in_both_languages(world):
    asked_and_written(world["official"], region="110101")
    (message,) = Message.objects.filter(kind="report_ready")
    assert (message.user, message.address) == (world["official"], "/reports/")
    assert message.what == "Ready to be downloaded: Register · Dongcheng · CSV"
    assert message.values["report"][0] != message.values["report"][1]


# --- who gets it -----------------------------------------------------------------------------------------------------


def test_only_whoever_asked_downloads_it_and_each_download_is_recorded(world, sign_in):
    report = asked_and_written(world["city"])
    answer = sign_in("city").post(download(report), keyed())
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == report.sha256
    assert report.name in answer["Content-Disposition"]
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.get(verb="download_report").by == world["city"]
    for person in ("superior", "official", "state", "stranger"):
        assert sign_in(person).post(download(report), keyed()).status_code == 404, person
    assert sign_in("public").post(download(report), keyed()).status_code == 302
    wrong = reverse("report_download", args=[report.pk, "0" * 32])
    assert sign_in("city").post(wrong, keyed()).status_code == 404
    assert sign_in("city").get(download(report)).status_code == 405
    with pytest.raises(Forbidden):
        asking.hand_out(report, by=world["superior"])


def end_posts(user):
    Appointment.objects.filter(user=user).update(
        starts_on=clock.today() - timedelta(days=9), ends_on=clock.today() - timedelta(days=1)
    )


@pytest.mark.parametrize("kind", ["register", "state_columns"])
def test_who_has_lost_the_right_gets_nothing_that_was_written_with_it(world, sign_in, kind):
    asked = {"region": "110101"} if kind == "state_columns" else {}
    report = asked_and_written(world["official"], kind, **asked)
    assert asking.hand_out(report, by=world["official"]).is_file()
    end_posts(world["official"])
    builders.make_person("colleague", ("official", world.district))
    Appointment.objects.create(
        user=world["official"], role="clerk", organ=world.organ, starts_on=clock.today() - timedelta(days=1)
    )
    answer = sign_in("official").post(download(report), keyed(), follow=True)
    assert "Your posts have changed" in answer.content.decode()


def test_another_post_beside_the_old_one_takes_nothing_away_but_one_at_an_organ_does(world):
    report = asked_and_written(world["official"], "files")
    post = {"user": world["official"], "starts_on": clock.today()}
    Appointment.objects.create(role="viewer", region=world.other_district, **post)
    assert asking.hand_out(report, by=world["official"]).is_file()
    Appointment.objects.create(role="clerk", organ=world.organ, **post)
    with pytest.raises(Refused, match="posts have changed"):
        asking.hand_out(report, by=world["official"])


def test_who_is_taken_off_a_team_gets_no_list_with_its_file(world):
    world.bring_to(stages.UNDER_INSPECTION)
    report = asked_and_written(world["inspector2"], "files")
    assert len(rows_of(report)) == 2
    world["inspector2"].files_to_read.all().delete()
    with pytest.raises(Refused, match="posts have changed"):
        asking.hand_out(report, by=world["inspector2"])


def test_a_right_lost_before_the_worker_came_leaves_nothing_written(world):
    report = asking.ask("register", "csv", {}, by=world["official"])
    end_posts(world["official"])
    for _try in range(3):
        work_off_reports()
    report.refresh_from_db()
    assert (report.state, report.tries, report.size) == ("failed", 3, 0)
    assert "do not have the right" in report.fault
    assert not list(asking.path_of(report).parent.glob("*"))
    assert Message.objects.get(kind="report_failed").user == world["official"]


def test_after_its_time_the_file_is_gone_and_the_row_says_so(world, sign_in, settings):
    old, new = asked_and_written(world["city"]), asked_and_written(world["city"], report_format="xlsx")
    Report.objects.filter(pk=old.pk).update(ended_at=clock.now() - timedelta(days=settings.REPORT_DAYS, seconds=1))
    clear_reports()
    assert [path.name for path in asking.path_of(new).parent.iterdir()] == [asking.path_of(new).name]
    page = sign_in("city").get("/reports/").content.decode()
    assert "Deleted after its time" in page
    assert page.count("report_download") == 0
    assert page.count(">Download<") == 1 + 1  # the head of the column, and the one that is left
    answer = sign_in("city").post(download(old), keyed(), follow=True)
    assert "not there to be downloaded" in answer.content.decode()


# --- the worker ------------------------------------------------------------------------------------------------------


def test_the_sweep_rings_for_what_waits(world, monkeypatch):
    rung = []
    monkeypatch.setattr("reviews.tasks.ring", rung.append)
    sweep()
    assert rung == []
    asking.ask("register", "csv", {}, by=world["city"])
    sweep()
    assert rung == ["portal.tasks.work_off_reports"]


def in_another_process(work):
    """Start work in a process of its own and return its id; each side opens its own connections."""
    connections.close_all()
    child = os.fork()
    if child == 0:
        try:
            work()
        finally:
            os._exit(1)
    return child


def hangs_after_one_piece(found, fields, progress):
    """Read one piece of the rows, and then stand still like a disk that does not answer."""
    yield from list(whole_pieces(found, fields, progress))[:1]
    time.sleep(600)


whole_pieces = lists.in_pieces


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("report_format", ["xlsx", "csv"])
def test_a_worker_killed_in_the_middle_leaves_no_half_file_and_the_next_one_writes_it_once(
    world, monkeypatch, report_format
):
    report = asking.ask("register", report_format, {}, by=world["city"])
    folder = asking.path_of(report).parent

    def dies():
        monkeypatch.setattr(lists, "in_pieces", hangs_after_one_piece)
        work_off_reports()

    child = in_another_process(dies)
    deadline = time.monotonic() + 60
    while Report.objects.get(pk=report.pk).total == 0 and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    report.refresh_from_db()
    assert (report.state, report.tries, report.sha256) == ("running", 1, "")
    assert [path for path in folder.glob("*") if path.suffix != ".part"] == []
    with pytest.raises(Refused, match="not there"):
        asking.hand_out(report, by=world["city"])
    work_off_reports()  # it may still be alive
    assert Report.objects.get(pk=report.pk).tries == 1
    Report.objects.update(beat_at=clock.now() - claims.STALE - timedelta(seconds=1))
    work_off_reports()
    report.refresh_from_db()
    assert (report.state, report.tries, len(rows_of(report))) == ("done", 2, 1 + 4)
    assert [path.name for path in folder.iterdir()] == [f"{report.pk}-2.{report_format}"]
    assert Message.objects.filter(kind="report_ready").count() == 1


def test_who_comes_back_after_another_took_over_touches_nothing(world, monkeypatch):
    report = asking.ask("register", "csv", {}, by=world["city"])

    def slow(found, fields, progress):
        monkeypatch.undo()
        Report.objects.update(beat_at=clock.now() - claims.STALE - timedelta(seconds=1))
        work_off_reports()  # another worker, from the beginning to the end
        yield from whole_pieces(found, fields, progress)

    monkeypatch.setattr(lists, "in_pieces", slow)
    work_off_reports()
    report.refresh_from_db()
    assert (report.state, report.tries) == ("done", 2)
    assert [path.name for path in asking.path_of(report).parent.iterdir()] == [f"{report.pk}-2.csv"]
    assert Message.objects.filter(kind="report_ready").count() == 1


# --- pages -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "page", "kind", "formats"),
    [
        ("official", "/rates/110101/?as_of=2026-01-31", "region", ["docx", "pdf"]),
        ("official", "/register/?category=court", "register", ["xlsx", "csv"]),
        ("official", "/files/", "files", ["xlsx", "csv"]),
        ("city", "/rates/110000/", "state_columns", ["xlsx", "csv"]),
        ("city", "/rates/110000/changes/", "changes", ["xlsx", "csv"]),
        ("city", "/rates/110000/ahead/", "needed", ["xlsx", "csv"]),
        ("city", "/rates/110000/ahead/", "pace", ["xlsx", "csv"]),
        ("city", "/rates/110000/ahead/", "forecast", ["xlsx", "csv"]),
        ("city", "/rates/110000/counted/?what=missing&level=district", "counted", ["xlsx", "csv"]),
    ],
)
def test_a_page_asks_for_itself_and_leads_to_the_list(world, sign_in, who, page, kind, formats):
    world.start()
    Organ.objects.filter(pk=world.neighbour.pk).update(category="court")
    recount_all()
    client = sign_in(who)
    html = client.get(page).content.decode()
    form = html[html.index(f'name="kind" value="{kind}"') :].split("</form>")[0]
    assert [part for part in formats if f'name="format" value="{part}"' in form] == formats
    query = form.split('name="query" value="')[1].split('"')[0].replace("&amp;", "&")
    answer = client.post("/reports/ask/", keyed(kind=kind, query=query, format=formats[1]), follow=True)
    assert answer.redirect_chain[-1][0] == "/reports/"
    report = Report.objects.get()
    assert (report.kind, report.format) == (kind, formats[1])
    if "as_of" in page:
        assert report.asked == {"region": "110101", "as_of": "2026-01-31"}
    if "category" in page:
        assert report.asked == {"category": "court"}
    work_off_reports()
    assert Report.objects.get().state == "done"


def test_the_list_moves_while_something_is_written_and_rests_then(world, sign_in):
    client = sign_in("city")
    assert "No report yet" in client.get("/reports/").content.decode()
    answer = client.post("/reports/ask/", keyed(kind="register", format="csv"), follow=True)
    whole = answer.content.decode()
    assert "Waiting" in whole
    assert "Look again" in whole
    Report.objects.update(state="running", done=40, total=100, beat_at=clock.now())
    moving = client.get("/reports/", headers={"hx-request": "true"}).content.decode()
    assert 'hx-trigger="every 2s"' in moving
    assert '<progress class="progress-bar-plain" max="100" value="40"' in moving
    assert "40 of 100" in moving
    assert "<h1>" not in moving
    Report.objects.update(state="waiting")
    work_off_reports()
    rests = client.get("/reports/", headers={"hx-request": "true"}).content.decode()
    assert "hx-trigger" not in rests
    assert "Download" in rests
    assert "No report yet" in sign_in("superior").get("/reports/").content.decode()


def test_a_report_that_is_no_longer_written_stands_in_the_list_and_is_not_handed_out(world, sign_in):
    report = asked_and_written(world["city"])
    Report.objects.update(kind="of_old")
    assert "of_old · CSV" in sign_in("city").get("/reports/").content.decode()
    with pytest.raises(Refused, match="not there"):
        asking.hand_out(Report.objects.get(pk=report.pk), by=world["city"])


@pytest.mark.parametrize(
    ("form", "status"),
    [
        ({"kind": "region", "format": "docx", "query": "region=110102"}, 404),
        ({"kind": "region", "format": "docx", "query": "region=110101"}, 302),
        ({"kind": "unknown", "format": "docx"}, 404),
        ({}, 404),
    ],
)
def test_what_lies_outside_of_ones_scope_is_not_found(world, sign_in, form, status):
    assert sign_in("official").post("/reports/ask/", keyed(**form)).status_code == status
    assert sign_in("official").post("/reports/ask/", form).status_code == 400


def test_one_click_twice_is_one_report(world, sign_in):
    client, form = sign_in("city"), keyed(kind="register", format="csv")
    assert [client.post("/reports/ask/", form).status_code for _click in range(2)] == [302, 302]
    assert Report.objects.count() == 1


def test_a_list_of_reports_costs_the_same_however_long_it_is(world, sign_in):
    client = sign_in("city")

    def statements():
        with CaptureQueriesContext(connection) as seen:
            assert client.get("/reports/").status_code == 200
        return len(seen)

    asked_and_written(world["city"], region="110101")
    statements()
    few = statements()
    asked_and_written(world["city"], region="110102")
    asked_and_written(world["city"], "files")
    assert statements() == few <= 8


def test_one_of_a_kind_that_there_is_no_longer_says_so_and_is_not_offered(world, sign_in):
    gone, kept = (asked_and_written(world["city"], category=category) for category in ("court", "party"))
    Report.objects.filter(pk=gone.pk).update(kind="abacus")
    client = sign_in("city")
    page = client.get(reverse("report_list")).content.decode()
    assert [download(report) in page for report in (gone, kept)] == [False, True]
    assert page.count("it can no longer be downloaded") == 1
    answer = client.post(download(gone), keyed(), follow=True)
    assert "is not there to be downloaded" in answer.content.decode()
