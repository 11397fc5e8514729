"""Two years of figures with their factors and goals: what the tests of energy need."""

from datetime import date
from decimal import Decimal

import pytest
from django.urls import reverse

from creation.actions import figures
from creation.models import ConversionFactor, EnergyFigures, EnergyGoal

FACTORS = (
    ("electricity", "kgce", "0.1229"),
    ("gas", "kgce", "1.2143"),
    ("petrol", "kgce", "1.4714"),
    ("heat", "kgce", "34.12"),
    ("petrol_density", "kg", "0.74"),
)
LAST = {"electricity_kwh": 120000, "gas_m3": 5000, "petrol_l": 1000, "heat_gj": 300, "water_m3": 2000,
        "area_m2": 2000, "users": 100}  # fmt: skip
THIS = LAST | {"electricity_kwh": 117000, "water_m3": 1960}


def factor(by, carrier, into, value, since=date(2010, 1, 1), source="GB/T 2589"):
    row = ConversionFactor(carrier=carrier, into=into, factor=Decimal(value), valid_from=since, source=source)
    return figures.add_factor(row, by=by)


def goal(by, region, measure, percent, year):
    row = EnergyGoal(region=region, year=year, measure=measure, change_percent=Decimal(percent), source="通知")
    return figures.add_goal(row, by=by)


@pytest.fixture
def rules(world):
    """Lay down the factors in use and the city's goals on energy per m² and water per head."""
    for carrier, into, value in FACTORS:
        factor(world["city"], carrier, into, value)
    year = world.cycle.calendar_year
    goal(world["city"], world.city, "non_heating_per_m2", "-1.6", year)
    goal(world["city"], world.city, "water_per_head", "-1.4", year)


@pytest.fixture
def file(world):
    return world.start()


def entries(file, this=None, last=None, reason="", versions=(0, 0)):
    year = file.cycle.calendar_year
    return {
        year: figures.Entry(THIS if this is None else this, reason, versions[0]),
        year - 1: figures.Entry(LAST if last is None else last, "", versions[1]),
    }


def save(world, file, **more):
    return figures.save_figures(file, by=world["clerk"], years=entries(file, **more))


def page(file):
    return reverse("self_rating_energy", args=[file.pk])


def rows(file):
    return {row.year: row for row in EnergyFigures.objects.filter(assessment=file)}
