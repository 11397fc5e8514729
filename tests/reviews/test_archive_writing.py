"""Archives are asked for by officials, written by the worker, handed out from a page, and cleared away."""

import hashlib
import json
import zipfile
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from celery import current_app
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from creation import clock, stages
from creation.actions import cycles, evidence, files
from creation.errors import Forbidden, Refused
from creation.models import Event, Evidence, Message
from reviews import claims
from reviews.actions import archives, draws, findings, inspections, teams, visit_photos
from reviews.archives import organ as organs
from reviews.archives import queue
from reviews.archives import round as rounds
from reviews.demo import builders
from reviews.models import ArchiveExport
from reviews.tasks import nightly, sweep, work_off_archives
from tests.cast import keyed
from tests.reviews.archived import handed_over, lived, written
from tests.scene import a_picture

__all__ = ["lived"]  # a fixture is found by its name

pytestmark = pytest.mark.django_db


# --- asking, writing, failing ----------------------------------------------------------------------------------------


def test_only_officials_of_the_municipality_ask_and_only_for_a_closed_round(world):
    with pytest.raises(Refused, match="closed"):
        archives.ask_for_archive(world.cycle, by=world["city"])
    cycles.close_cycle(world.cycle, by=world["city"])
    for person in ("official", "clerk", "inspector", "viewer", "registrar", "state", "stranger"):
        with pytest.raises(Forbidden):
            archives.ask_for_archive(world.cycle, by=world[person])
    with pytest.raises(Refused, match="how long"):
        archives.ask_for_archive(world.cycle, by=world["city"], retention="7")
    archives.ask_for_archive(world.cycle, by=world["city"], retention="permanent")
    with pytest.raises(Refused, match="already"):
        archives.ask_for_archive(world.cycle, by=world["superior"])
    assert Event.objects.get(verb="ask_for_archive").after == {"cycle": world.cycle.pk, "retention": "permanent"}


def test_a_draw_that_is_not_published_yet_is_not_told_by_an_archive(world):
    file = world.bring_to(stages.UNDER_SPOT_CHECK)
    cycles.close_cycle(world.cycle, by=world["city"])
    with pytest.raises(Refused, match="publish it first"):
        archives.ask_for_archive(world.cycle, by=world["city"])
    draws.publish_draw(file.pool_member.pool.draw, by=world["superior"])
    assert archives.ask_for_archive(world.cycle, by=world["city"]).pk


def test_of_a_visit_that_was_not_filed_an_archive_says_only_that(world):
    file = world.bring_to(stages.SUBMITTED)
    for number, who in enumerate(("inspector", "inspector2")):
        type(world[who]).objects.filter(username=who).update(name=f"巡视员{number}")
    day = clock.today() + timedelta(days=3)
    team = [world["inspector"], world["inspector2"]]
    visit = teams.assign(file, team=team, lead=team[0], visit_on=day, by=world["official"])
    indicator = world.standard.indicators.get(code="3.4")
    findings.raise_finding(
        visit, indicator, kind="by_deadline", due_on=day, text="水龙头滴漏", by=team[0], photos=[a_picture()]
    )
    visit_photos.keep_item_photos(visit, indicator, by=team[0], photos=[a_picture()])
    inspections.save_rating(visit, indicator, by=team[1], found=builders.best_finding(indicator), remark="尚可")
    inspections.record_veto(visit, kind="verified_waste", reason="长明灯", by=team[0])
    teams.change_team(visit, team=[*team], lead=team[1], visit_on=day, by=world["official"])
    cycles.close_cycle(world.cycle, by=world["city"])
    export = written(world)
    with zipfile.ZipFile(archives.path_of(export)) as archive:
        texts = {name: archive.read(name) for name in archive.namelist()}
    [visits] = [json.loads(text) for name, text in texts.items() if name.endswith("visits.json")]
    assert visits == [{"kind": "inspection", "kind_text": visits[0]["kind_text"], "filed_at": ""}]
    said = ("水龙头滴漏", "尚可", "长明灯", day.isoformat(), team[0].name, team[1].name)
    found = {(word, name) for name, text in texts.items() for word in said if word.encode() in text}
    assert found == set()


def test_whoever_asked_hears_that_it_is_ready(world, lived):
    export = written(world)
    assert (export.state, export.organs, export.organs_total) == ("done", 2, 2)
    message = Message.objects.get(kind="archive_ready")
    assert (message.user, message.address) == (world["city"], reverse("cycle_archive", args=[world.cycle.pk]))
    assert str(world.cycle.year) in message.what


def test_the_file_goes_after_its_days_and_the_row_stays_with_its_proof(world, sign_in, settings):
    cycles.close_cycle(world.cycle, by=world["city"])
    settings.ARCHIVE_DAYS = 30
    export, page = written(world), reverse("cycle_archive", args=[world.cycle.pk])
    for days, there in ((30, True), (31, False), (32, False)):
        with time_machine.travel(export.done_at + timedelta(days=days, seconds=-1), tick=False):
            nightly()
            assert (days, archives.path_of(export).is_file()) == (days, there)
            text = sign_in("city").get(page).text
            assert (export.sha256 in text, "Deleted after its time" in text) == (True, not there)
    assert ArchiveExport.objects.get() == export
    assert Event.objects.get(verb="delete_archive").after == {"sha256": export.sha256}
    answer = sign_in("city").post(reverse("archive_download", args=[export.pk]), keyed(), follow=True)
    assert "Ask for it anew" in answer.text
    again = written(world)
    assert (again.sha256, again.pk == export.pk) == (export.sha256, False)


def test_hashing_a_finished_file_shows_signs_of_life_and_stops_for_another_worker(world, tmp_path, monkeypatch):
    cycles.close_cycle(world.cycle, by=world["city"])
    export = archives.ask_for_archive(world.cycle, by=world["city"])
    rows = ArchiveExport.objects.filter(pk=export.pk)
    rows.update(state="running", tries=1, beat_at=None)
    export.refresh_from_db()
    monkeypatch.setattr(claims, "CHUNK", 4)
    big = tmp_path / "big"
    big.write_bytes(b"x" * 4 * 200)
    assert claims.sha256_of(big, row=export) == hashlib.sha256(b"x" * 800).hexdigest()
    assert rows.get().beat_at is not None
    rows.update(tries=2)  # another worker took over
    with pytest.raises(claims.Overtaken):
        claims.sha256_of(big, row=export)


def test_no_task_may_run_longer_than_its_message_stays_with_its_worker(settings):
    limits = {task.name: task.time_limit or settings.CELERY_TASK_TIME_LIMIT for task in current_app.tasks.values()}
    assert limits["reviews.tasks.work_off_archives"] == settings.LONGEST_TASK_SECONDS
    assert {name: limit for name, limit in limits.items() if limit > settings.LONGEST_TASK_SECONDS} == {}
    if settings.REDIS_URL:
        assert settings.CELERY_BROKER_TRANSPORT_OPTIONS["visibility_timeout"] > max(limits.values())


class Killed(BaseException):
    """What a dying worker does: no handler of ours runs."""


def test_a_worker_killed_between_two_organs_leaves_no_half_archive_and_the_next_one_succeeds(world, lived, monkeypatch):
    export = archives.ask_for_archive(world.cycle, by=world["city"])
    whole, written_so_far = organs.organ_of, []

    def dies(file_id, path, indicators):
        if written_so_far:
            raise Killed
        written_so_far.append(file_id)
        return whole(file_id, path, indicators)

    monkeypatch.setattr(queue.organ, "organ_of", dies)
    monkeypatch.setattr(Path, "unlink", lambda *_args, **_more: None)  # nothing is tidied up by the dead
    with pytest.raises(Killed):
        work_off_archives()
    monkeypatch.undo()
    export.refresh_from_db()
    folder = archives.path_of(export).parent
    assert (export.state, export.tries, export.organs) == ("running", 1, 1)
    assert [path.suffix for path in folder.iterdir()] == [".part"]
    work_off_archives()  # it may still be alive
    export.refresh_from_db()
    assert export.tries == 1
    ArchiveExport.objects.update(beat_at=clock.now() - claims.STALE - timedelta(seconds=1))
    work_off_archives()
    export.refresh_from_db()
    assert (export.state, export.tries, export.organs) == ("done", 2, 2)
    assert [path.name for path in folder.iterdir()] == [f"{export.pk}-2.zip"]


def test_who_comes_back_after_another_took_over_touches_nothing(world, lived, monkeypatch):
    export = archives.ask_for_archive(world.cycle, by=world["city"])
    whole = organs.organ_of

    def slow(file_id, path, indicators):
        monkeypatch.undo()
        ArchiveExport.objects.update(beat_at=clock.now() - claims.STALE - timedelta(seconds=1))
        work_off_archives()  # another worker, from the beginning to the end
        return whole(file_id, path, indicators)

    monkeypatch.setattr(queue.organ, "organ_of", slow)
    work_off_archives()
    export.refresh_from_db()
    assert (export.state, export.tries) == ("done", 2)
    assert [path.name for path in archives.path_of(export).parent.iterdir()] == [f"{export.pk}-2.zip"]
    assert Message.objects.filter(kind="archive_ready").count() == 1


def test_a_lost_original_fails_three_times_and_says_which(world, lived):
    lost = Evidence.objects.filter(organ=world.organ, purpose="evidence").first()
    Path(lost.original.path).write_bytes(b"something else")
    export = archives.ask_for_archive(world.cycle, by=world["city"])
    for tries in (1, 2):
        work_off_archives()
        export.refresh_from_db()
        assert (export.state, export.tries) == ("waiting", tries)
    work_off_archives()
    export.refresh_from_db()
    assert (export.state, export.tries) == ("failed", 3)
    assert lost.name in export.fault
    assert list(archives.path_of(export).parent.iterdir()) == []
    assert Message.objects.get(kind="archive_failed").user == world["city"]
    # parked for good; another one may be asked for
    work_off_archives()
    assert ArchiveExport.objects.get(pk=export.pk).tries == 3
    assert archives.ask_for_archive(world.cycle, by=world["city"]).pk != export.pk


def test_the_sweep_rings_for_what_waits(world, lived, monkeypatch):
    rung = []
    monkeypatch.setattr("reviews.tasks.ring", rung.append)
    sweep()
    assert rung == []
    archives.ask_for_archive(world.cycle, by=world["city"])
    sweep()
    assert rung == ["reviews.tasks.work_off_archives"]


def test_an_organ_with_more_papers_costs_no_more_statements(world, lived):
    indicators = rounds.round_of(world.cycle.pk).indicators

    def statements(file):
        with CaptureQueriesContext(connection) as seen:
            organs.organ_of(file.pk, "x", indicators)
        return len(seen)

    other = files.start(world.organ, builders.make_cycle(world.city, world.standard, by=world["city"], year=2031),
                        by=world["clerk"])  # fmt: skip
    builders.answer_everything(other, by=world["clerk"])
    few = statements(handed_over(world, other))
    more = builders.make_cycle(world.city, world.standard, by=world["city"], year=2032)
    other = files.start(world.organ, more, by=world["clerk"])
    builders.answer_everything(other, by=world["clerk"])
    for number in range(3):
        paper = evidence.upload_evidence(world.organ, builders.a_pdf(f"{number}.pdf"), by=world["clerk"])
        evidence.attach(other, world.standard.indicators.get(code="3.4"), paper, by=world["clerk"])
    assert statements(handed_over(world, other)) == few <= 45


# --- pages -----------------------------------------------------------------------------------------------------------


def test_an_official_asks_waits_and_downloads_and_each_download_is_recorded(world, lived, sign_in):
    client, page = sign_in("city"), reverse("cycle_archive", args=[world.cycle.pk])
    assert page in client.get(reverse("cycle_detail", args=[world.cycle.pk])).content.decode()
    assert client.post(page, keyed(retention="10")).status_code == 302
    moving = client.get(page, headers={"hx-request": "true"})
    assert 'hx-trigger="every 2s"' in moving.content.decode()
    assert "HX-Refresh" not in moving
    again = client.post(page, keyed(retention="10"))
    assert "being written already" in again.content.decode()
    work_off_archives()
    assert client.get(page, headers={"hx-request": "true"})["HX-Refresh"] == "true"
    export = ArchiveExport.objects.get()
    shown = client.get(page).content.decode()
    assert export.sha256 in shown
    assert export.manifest_sha256 in shown
    address = reverse("archive_download", args=[export.pk])
    answer = client.post(address, keyed())
    assert answer.streaming
    assert hashlib.sha256(b"".join(answer.streaming_content)).hexdigest() == export.sha256
    assert "no-store" in answer["Cache-Control"]
    assert Event.objects.get(verb="download_archive").by == world["city"]
    for person, status in (("official", 404), ("state", 404), ("clerk", 404), ("viewer", 404), ("stranger", 404)):
        assert sign_in(person).post(address, keyed()).status_code == status, person
    assert sign_in("official").get(page).status_code == 403
    assert page not in sign_in("official").get(reverse("cycle_detail", args=[world.cycle.pk])).content.decode()


def test_what_is_not_ready_is_not_handed_out(world, sign_in):
    cycles.close_cycle(world.cycle, by=world["city"])
    export = archives.ask_for_archive(world.cycle, by=world["city"])
    answer = sign_in("city").post(reverse("archive_download", args=[export.pk]), keyed(), follow=True)
    assert "not there to be downloaded" in answer.content.decode()
    assert not Event.objects.filter(verb="download_archive").exists()


def test_a_list_of_archives_costs_the_same_however_long_it_is(world, sign_in):
    cycles.close_cycle(world.cycle, by=world["city"])
    client, page = sign_in("city"), reverse("cycle_archive", args=[world.cycle.pk])

    def statements():
        with CaptureQueriesContext(connection) as seen:
            assert client.get(page).status_code == 200
        return len(seen)

    written(world)
    client.get(page)
    few = statements()
    written(world)
    written(world)
    assert statements() == few
