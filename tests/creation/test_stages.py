"""The table of steps, by hand against the programme's picture of it."""

from creation import stages

# step: (from, to), copied by hand from the specification's picture
WAY = {
    "start": ("", "draft"),
    "prepare": ("draft returned", "prepared"),
    "reopen": ("prepared", "draft"),
    "submit": ("prepared", "submitted"),
    "withdraw": ("draft prepared returned submitted", "withdrawn"),
    "send_back": ("submitted", "returned"),
    "assign": ("submitted", "under_inspection"),
    "require_rectification": ("under_inspection", "rectifying"),
    "rectified": ("rectifying", "under_inspection"),
    "pass": ("under_inspection", "inspected"),
    "fail": ("under_inspection", "not_met"),
    "sample": ("inspected", "under_spot_check"),
    "clear": ("inspected", "checked"),
    "draw_in": ("checked", "under_spot_check"),
    "excuse": ("under_spot_check", "checked"),
    "confirm": ("under_spot_check", "checked"),
    "overturn": ("under_spot_check", "not_met"),
    "publicise": ("checked", "publicised"),
    "uphold_objection": ("publicised", "not_met"),
    "recognise": ("publicised", "recognised"),
    "revoke": ("recognised", "revoked"),
}


def test_the_table_is_the_specification():
    table = {name: (" ".join(sorted(step.from_stages)), step.to_stage) for name, step in stages.STEPS.items()}
    assert table == {name: (" ".join(sorted(start.split())), end) for name, (start, end) in WAY.items()}


def test_every_stage_is_reached_and_no_other():
    assert stages.reachable() == frozenset(stages.LABELS)


def test_from_every_stage_that_has_not_ended_a_file_can_still_end():
    for stage in set(stages.LABELS) - stages.ENDED:
        assert stages.steps_from(stage), stage


def test_an_ended_file_moves_no_more_except_by_revoking():
    moves = {stage: [step.name for step in stages.steps_from(stage)] for stage in stages.ENDED}
    assert moves == {"recognised": ["revoke"], "revoked": [], "not_met": [], "withdrawn": []}


def test_every_stage_stands_at_one_station_of_the_picture_or_has_ended_off_the_way():
    places = {stage: [slug for slug, _label, here in stages.STATIONS if stage in here] for stage in stages.LABELS}
    assert {stage for stage, at in places.items() if len(at) != 1} == {"not_met"}


def test_who_acts_next():
    def who(stage):
        return [str(actor) for actor in stages.next_actors(stage)]

    assert who("draft") == ["Clerk of the organ"]
    assert who("prepared") == ["Signatory of the organ"]
    assert who("submitted") == ["Official of the competent department"]
    assert who("rectifying") == ["Inspector of the team"]
    assert who("under_spot_check") == ["Lead inspector of the superior department"]
    assert who("publicised") == ["Official of the municipality"]
    assert who("recognised") == []


def test_where_an_organ_stands_without_a_title():
    assert {stage: stages.standing(stage) for stage in ("draft", "rectifying", "publicised")} == {
        "draft": "in_progress",
        "rectifying": "in_progress",
        "publicised": "in_progress",
    }
    assert [stages.standing(stage) for stage in ("not_met", "revoked", "withdrawn", "recognised", None)] == [
        "not_met",
        "not_met",
        "not_started",
        "not_started",
        "not_started",
    ]
