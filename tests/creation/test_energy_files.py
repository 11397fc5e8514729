"""The yearly figures from a file: shown first, every fault with its cell, saved only then."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from creation import energy
from creation.actions import figures
from creation.models import ConversionFactor, EnergyGoal
from tests.cast import keyed
from tests.creation.energy_years import THIS, file, rows, save

__all__ = ["file"]  # a fixture is found by its name

pytestmark = pytest.mark.django_db


def bring(client, file, text, name="figures.csv"):
    raw = text if isinstance(text, bytes) else text.encode()
    return client.post(reverse("energy_import", args=[file.pk]), keyed(file=SimpleUploadedFile(name, raw)))


def test_a_file_is_shown_first_and_saved_only_then(world, sign_in, file):
    year = file.cycle.calendar_year
    client = sign_in("clerk")
    text = f'年度,用电量（千瓦时）,建筑面积（㎡）,用能人数（人）\n{year},"117,000",2000,100\n{year - 1},120000,,99\n'
    answer = bring(client, file, text)
    assert rows(file) == {}
    assert [change[2:] for change in answer.context["changes"]] == [
        ("", "120000"), ("", "99"), ("", "117000"), ("", "2000"), ("", "100")
    ]  # fmt: skip
    parcel = keyed(parcel=answer.context["parcel"])
    assert client.post(reverse("energy_import_apply", args=[file.pk]), parcel).status_code == 302
    assert (rows(file)[year].electricity_kwh, rows(file)[year - 1].area_m2) == (117000, None)
    assert client.post(reverse("energy_import_apply", args=[file.pk]), parcel).status_code == 302
    assert rows(file)[year].version == 1
    assert "No difference" in bring(client, file, text).content.decode()


def test_every_fault_is_named_with_its_cell_at_once(world, sign_in, file):
    year = file.cycle.calendar_year
    rows_of = [
        "year,electricity_kwh,users,gas_m3",
        f"{year},12a,1.5,-3",
        "1999,1,1,1",
        f"{year - 1},1,0,1.2345",
        f"{year - 1},1,1,1",
    ]
    answer = bring(sign_in("clerk"), file, "\n".join(rows_of))
    found = [(fault.cell, fault.value) for fault in answer.context["faults"]]
    assert found == [
        ("B2", "12a"), ("C2", "1.5"), ("D2", "-3"), ("A3", "1999"), ("C4", "0"), ("D4", "1.2345"),
    ]  # fmt: skip
    assert "<strong>D4</strong>" in answer.content.decode()
    assert rows(file) == {}


def test_a_file_of_unknown_columns_or_none_is_refused(world, sign_in, file):
    client = sign_in("clerk")
    assert "This column is not known" in bring(client, file, "year,coal\n2025,1\n").content.decode()
    assert "The file is empty" in bring(client, file, "").content.decode()
    assert "no rows" in bring(client, file, "year,users\n").content.decode()
    assert "Choose a file of this kind" in bring(client, file, "x", name="x.exe").content.decode()
    assert "damaged" in bring(client, file, b"PK\x03\x04oops", name="x.xlsx").content.decode()


def test_a_colleague_since_the_preview_is_not_overwritten(world, sign_in, file):
    year = file.cycle.calendar_year
    client = sign_in("clerk")
    answer = bring(client, file, f"year,users\n{year},100\n")
    figures.save_figures(file, by=world["clerk"], years={year: figures.Entry({"users": 50})})
    done = client.post(
        reverse("energy_import_apply", args=[file.pk]), keyed(parcel=answer.context["parcel"]), follow=True
    )
    assert "A colleague saved the figures" in done.content.decode()
    assert rows(file)[year].users == 50
    forged = client.post(reverse("energy_import_apply", args=[file.pk]), keyed(parcel="x"), follow=True)
    assert "Nothing was saved" in forged.content.decode()


@pytest.mark.parametrize("kind, name", [("", "figures.csv"), ("?format=xlsx", "figures.xlsx")])
def test_the_template_comes_back_without_a_difference(world, sign_in, file, kind, name):
    save(world, file, this=THIS | {"petrol_l": Decimal("0.3")}, reason="=1+1")
    client = sign_in("clerk")
    template = client.get(reverse("energy_template", args=[file.pk]) + kind).content
    assert "No difference" in bring(client, file, template, name=name).content.decode()


def test_energy_names_agree_with_the_models():
    assert set(energy.MEASURES) == set(EnergyGoal.Measure.values)
    assert set(energy.CARRIERS) == set(ConversionFactor.Carrier.values) - {"petrol_density"}
