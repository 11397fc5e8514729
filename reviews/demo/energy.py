"""Factors, goals and yearly figures of the demonstration. Goals and factors that are published name their source."""

from datetime import date, timedelta
from decimal import Decimal

from creation import clock
from creation.actions.figures import Entry, add_factor, add_goal, save_figures
from creation.models import Assessment, ConversionFactor, EnergyGoal, Region, User
from reviews.demo.places import CITY

IN_USE = "公共机构能源资源消费统计现行折标系数"
EXAMPLE = "示例数值，非官方发布（演示）"
# carrier, into, factor, valid from, source
FACTORS = (
    ("electricity", "kgce", "0.1229", date(2010, 1, 1), IN_USE),
    ("gas", "kgce", "1.33", date(2010, 1, 1), f"{IN_USE}（早期取值，演示日期）"),
    ("gas", "kgce", "1.2143", date(2016, 1, 1), f"{IN_USE}（演示日期）"),
    ("petrol", "kgce", "1.4714", date(2010, 1, 1), IN_USE),
    ("heat", "kgce", "34.12", date(2010, 1, 1), IN_USE),
    ("petrol_density", "kg", "0.74", date(2010, 1, 1), EXAMPLE),
    ("electricity", "kgco2", "0.58", date(2010, 1, 1), EXAMPLE),
    ("gas", "kgco2", "2.16", date(2010, 1, 1), EXAMPLE),
    ("petrol", "kgco2", "2.93", date(2010, 1, 1), EXAMPLE),
    ("heat", "kgco2", "110", date(2010, 1, 1), EXAMPLE),
)
PUBLISHED_YEAR = 2023
GOALS = (("non_heating_per_m2", "-1.6"), ("water_per_head", "-1.4"), ("carbon_per_m2", "-1.8"))
GOAL_SOURCE = "北京市2023年度公共机构节约能源资源工作目标"
BEFORE_THE_ROUND = timedelta(days=63)

YEARLY = Decimal("0.977")  # what is used this year of what was used the year before
FIRST = 2020
# what one user takes in the first of the years
PER_HEAD = {"electricity_kwh": 1450, "gas_m3": 42, "petrol_l": 9, "heat_gj": 6, "water_m3": 21}
AREA_PER_HEAD = 24
GREW = Decimal("1.12")
WHY_GREW = "机构改革划转人员，编制内用能人数增加（演示）。"


def lay_down(*, by: User) -> None:
    """Lay down the factors, the published goals of 2023, and goals of the demonstration's own years."""
    city = Region.objects.get(code=CITY)
    rated = clock.today().year - 1
    years = {PUBLISHED_YEAR: GOAL_SOURCE}
    years |= {year: f"沿用2023年度目标（演示，{year}年）" for year in (rated - 1, rated) if year != PUBLISHED_YEAR}
    with clock.at(clock.now() - BEFORE_THE_ROUND):
        for carrier, into, factor, since, source in FACTORS:
            row = ConversionFactor(carrier=carrier, into=into, factor=Decimal(factor), valid_from=since, source=source)
            add_factor(row, by=by)
        for year, source in years.items():
            for measure, percent in GOALS:
                goal = EnergyGoal(region=city, year=year, measure=measure, source=source)
                goal.change_percent = Decimal(percent)
                add_goal(goal, by=by)


def enter(file: Assessment, *, by: User, whole: bool = True) -> None:
    """Enter the organ's figures, the same of a year in every round; of a draft that is not `whole` last year's only.

    Consumption falls by 2.3 % a year, so that the goals are met; at some organs the users grew, and they say why.
    """
    rated, organ = file.cycle.calendar_year, file.organ
    users = 60 + organ.pk * 37 % 240
    years = {rated - 1: Entry(_amounts(rated - 1, users, users))}
    if whole:
        grew = not (organ.pk + 4) % 7  # every seventh
        now = int(users * GREW) + 1 if grew else users
        years[rated] = Entry(_amounts(rated, users, now), WHY_GREW if grew else "")
    save_figures(file, by=by, years=years)


def _amounts(year: int, base: int, users: int) -> dict[str, Decimal | int | None]:
    share = YEARLY ** (year - FIRST)
    amounts: dict[str, Decimal | int | None] = {
        name: round(Decimal(per_head * base) * share) for name, per_head in PER_HEAD.items()
    }
    return amounts | {"area_m2": Decimal(base * AREA_PER_HEAD), "users": users}
