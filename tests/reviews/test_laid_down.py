"""Files of a form lie on the disk before its transaction begins, and nothing is left of those that nobody keeps."""

from pathlib import Path

import pytest
from django.core.files.storage import FileSystemStorage
from django.db import connection
from django.urls import reverse

from creation import clock, stages
from creation.actions.evidence import upload_evidence
from creation.actions.recognitions import grant
from creation.models import Evidence
from reviews.actions import draws
from reviews.demo import builders
from reviews.models import RecheckItem, RecheckPaper, RecheckRound
from tests.cast import keyed

pytestmark = pytest.mark.django_db


@pytest.fixture
def writes(monkeypatch, settings):
    """Every writing of a file, with how deep in transactions it happened (0: in none but the test's own)."""
    outer, seen = len(connection.savepoint_ids), []
    write = FileSystemStorage._save

    def noted(self, name, content):
        seen.append(len(connection.savepoint_ids) - outer)
        return write(self, name, content)

    monkeypatch.setattr(FileSystemStorage, "_save", noted)
    return seen


def on_disk(settings) -> int:
    return sum(path.is_file() for path in Path(settings.MEDIA_ROOT).rglob("originals/*/*"))


def letter_of_a_result(world):
    file = world.bring_to(stages.UNDER_SPOT_CHECK, world.municipal_organ)
    typed = {"confirmed": "yes", "letter_number": "9号", "letter": builders.a_pdf("结果.pdf")}
    return reverse("spot_check_record_letter", args=[file.pk]), typed, {"confirmed": "no"}, "city"


def letter_of_a_list(world):
    file = world.bring_to(stages.INSPECTED, world.municipal_organ)
    pool = draws.close_pool(world.cycle, world.nation, by=world["city"])
    typed = {"chosen": [file.organ.credit_code], "letter_number": "9号", "letter": builders.a_pdf("名单.pdf")}
    return reverse("pool_record_letter", args=[pool.pk]), typed, {"letter_number": "  　"}, "city"


def papers_of_a_recheck(world):
    today = clock.today()
    opened = RecheckRound.objects.create(
        cycle=world.cycle, number=1, title="回头看", basis="方案", share=0, minimum=0, paper_until=today,
        site_until=today, opened_by=world["city"], opened_at=clock.now(),
    )  # fmt: skip
    title = grant(world.organ, batch="1", document_number="1号", granted_on=today, by=world["city"])
    item = RecheckItem.objects.create(round=opened, recognition=title)
    typed = {"text": "制度延续", "papers": [builders.a_pdf("台账.pdf")]}
    return reverse("recheck_step", args=[item.pk, "report"]), typed, None, "clerk"


@pytest.mark.parametrize("form", [letter_of_a_result, letter_of_a_list, papers_of_a_recheck])
def test_a_file_is_written_before_the_transaction_and_once(world, sign_in, settings, writes, form):
    url, typed, _refused, who = form(world)
    client, before, sent = sign_in(who), on_disk(settings), keyed(**typed)
    writes.clear()
    for _click in range(2):
        for file in (typed.get("letter"), *typed.get("papers", ())):
            if file:
                file.seek(0)
        assert client.post(url, sent).status_code == 302
    assert set(writes) == {0}
    assert on_disk(settings) == before + 1
    assert Evidence.objects.order_by("pk").last().original.storage.exists(Evidence.objects.last().original.name)


def test_nothing_is_left_of_a_refused_form(world, sign_in, settings, writes):
    url, typed, refused, who = letter_of_a_result(world)
    before, rows = on_disk(settings), Evidence.objects.count()
    writes.clear()
    assert sign_in(who).post(url, keyed(**typed | refused)).status_code == 200
    assert len(writes) == 1
    assert (on_disk(settings), Evidence.objects.count()) == (before, rows)


def test_what_is_known_already_stays_where_it_lies(world, sign_in, settings):
    url, typed, _refused, who = papers_of_a_recheck(world)
    known = builders.a_pdf("台账.pdf")
    evidence = upload_evidence(world.organ, known, by=world["clerk"])
    assert sign_in(who).post(url, keyed(**typed)).status_code == 302
    assert RecheckPaper.objects.get().evidence == evidence
    assert on_disk(settings) == 1
