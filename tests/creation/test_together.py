"""Several lists in one statement are the lists themselves: the same rows in the same order with the same values."""

import pytest
from django.db.models import Count, Exists, F, Max, OuterRef

from creation import stages
from creation.models import Answer, Assessment, Event, Indicator, Organ, Region, StageChange, User
from creation.together import hand_out, is_read, read_together
from reviews.models import Inspection


def values(rows):
    """Return every column of the rows, of related ones too."""
    return [{**vars(row), "_state": None} if hasattr(row, "_state") else row for row in rows]


@pytest.fixture
def rich(world):
    Organ.objects.filter(pk=world.organ.pk).update(
        floor_area_m2="1234.50", abolished_on="2199-01-01", name='a"b\\c\n，'
    )
    return world.bring_to(stages.INSPECTED)


def lists():
    return [
        Organ.objects.order_by("-credit_code"),
        Organ.objects.none(),
        Region.objects.filter(pk__in=[]),
        Answer.objects.select_related("indicator", "saved_by", "carried_from").order_by("-pk"),
        Indicator.objects.order_by("position"),
        StageChange.objects.order_by("number").annotate(was=F("from_stage")),
        Inspection.objects.annotate(has=Exists(Organ.objects.filter(pk=OuterRef("assessment__organ")))),
        User.objects.values("username").annotate(posts=Count("appointments")).order_by("username"),
        Assessment.objects.values("stage").annotate(since=Max("stage_since")),
        Organ.objects.order_by("pk").values_list("floor_area_m2", "established_on", "abolished_on"),
        Event.objects.order_by("pk")[:3],
        Region.objects.order_by("position").values_list("code", flat=True),
    ]


def test_the_rows_are_the_same_as_asked_one_by_one(rich, django_assert_num_queries):
    together = lists()
    with django_assert_num_queries(1):
        read_together(*together)
    with django_assert_num_queries(0):
        found = [values(rows) for rows in together]
    apart = lists()
    assert found == [values(rows) for rows in apart]
    assert [bool(rows) for rows in found] == [True, False, False, True, True, True, True, True, True, True, True, True]
    for ours, theirs in zip(together[3], apart[3], strict=True):
        with django_assert_num_queries(0):
            related = values([ours.indicator, ours.saved_by])
        assert related == values([theirs.indicator, theirs.saved_by])


def test_nothing_to_ask_asks_nothing(db, django_assert_num_queries):
    with django_assert_num_queries(0):
        read_together()
        read_together(Organ.objects.none())


def test_text_that_looks_like_a_placeholder_stays_a_value(rich, django_assert_num_queries):
    rows = Organ.objects.filter(name__contains="b\\c").exclude(name="100%s")
    read_together(rows, User.objects.filter(username__contains="%"))
    assert [organ.pk for organ in rows] == list(
        Organ.objects.filter(name__contains="b\\c").values_list("pk", flat=True)
    )


def test_children_are_handed_out_as_a_prefetch_would(rich, django_assert_num_queries):
    files, changes = Assessment.objects.order_by("pk"), StageChange.objects.order_by("number")
    read_together(files, changes)
    hand_out(files, "changes", changes, by="assessment_id")
    assert not is_read(files[0], "answers")
    with django_assert_num_queries(0):
        assert is_read(files[0], "changes")
        read = [[change.pk for change in file.changes.all()] for file in files]
    expected = [
        [one.pk for one in file.changes.all()] for file in Assessment.objects.order_by("pk").prefetch_related("changes")
    ]
    assert read == expected
