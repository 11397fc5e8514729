"""The bench builds the register it says, in a database of its own, and prints what it measured."""

from datetime import date

import pytest

from creation import stages
from creation.credit_code import problem
from portal.bench import databases, register, report, rounds
from portal.bench.rounds import Measured
from portal.bench.scales import SCALES

TODAY = date(2026, 11, 23)


@pytest.mark.parametrize(("scale", "regions", "organs"), [("city", 18, 2_000), ("province", 200, 20_000)])
def test_a_register_has_as_many_regions_and_organs_as_its_scale(scale, regions, organs):
    made = register.Register(SCALES[scale], TODAY)
    assert (len(made.regions), SCALES[scale].region_count) == (regions, regions)
    homes = list(made.homes())
    assert (len(homes), set(homes)) == (organs, {row[0] for row in made.regions})
    assert [row[5] for row in made.regions].count(None) == 1


def test_the_nation_has_31_provinces_340_cities_and_2900_counties():
    assert SCALES["nation"].regions == (("nation", 1), ("province", 31), ("city", 340), ("district", 2_900))
    assert SCALES["nation"].organs == 300_000


def test_the_tree_is_closed_from_each_region_to_the_root():
    made = register.Register(SCALES["province"], TODAY)
    parents = {row[0]: row[5] for row in made.regions}
    for _number, up, down, depth in made.paths:
        for _step in range(depth):
            down = parents[down]  # noqa: PLW2901 one step up
        assert down == up
    assert sum(row[3] == 0 for row in made.paths) == 200


def test_the_same_seed_gives_the_same_rows():
    made = register.Register(SCALES["city"], TODAY)
    assert list(register.organs(made)) == list(register.organs(made))
    assert [vars(story) for story in register.stories(made)] == [vars(story) for story in register.stories(made)]
    assert [problem(row[3]) for row in register.organs(made) if problem(row[3])] == []


def test_a_file_s_steps_lead_from_stage_to_stage():
    for ended, names in (file for story in register.stories(made_city()) for file in story.files):
        way = list(register.steps(ended, names))
        assert [stage for _n, _step, stage, *_rest in way[1:]] == [stage for *_rest, stage, _at in way[:-1]]
        assert all(was in stages.STEPS[step].from_stages for _n, step, was, *_rest in way[1:])
        assert way[-1][-1].date() == ended


def made_city():
    return register.Register(SCALES["city"], TODAY)


def test_the_bench_writes_into_no_database_but_its_own(db):
    with pytest.raises(RuntimeError, match="no database of the bench"):
        databases.refuse_any_other()


def test_project_and_floor_run_in_turn_and_the_first_round_does_not_count():
    order = []
    found = rounds.compare("f", lambda: order.append("A"), lambda: order.append("B"), at_most=1000, rounds=2)
    assert order == ["A", "B"] * 3
    assert (found.goal, found.met) == ("≤ 1000 ×", True)


def test_the_table_shows_both_sides_the_ratio_and_the_growth_per_organ():
    found = {
        "city": [Measured("count", 0.010, 0.010, 1.0, "≤ 1.1 ×", met=True)],
        "nation": [Measured("count", 1.5, 1.2, 1.25, "≤ 1.1 ×", met=False), Measured("read", 0.002, None, None, "–")],
    }
    assert report.table("sqlite", found).splitlines() == [
        "| sqlite: project ÷ floor | goal    | city                 | nation                   | growth per organ |",
        "| ---                     | ---     | ---                  | ---                      | ---              |",
        "| count                   | ≤ 1.1 × | 10 ms ÷ 10 ms = 1.00 | 1.50 s ÷ 1.20 s = 1.25 ✗ | × 1.00           |",
        "| read                    | –       | –                    | 2 ms                     | –                |",
    ]
