"""The year's consumption behind indicator 1.1, and the dated factors and goals it is measured with."""

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from creation.models.assessments import Assessment
from creation.models.places import Region

LARGEST = 10**12  # what any yearly amount stays below
AMOUNTS = ("electricity_kwh", "gas_m3", "petrol_l", "petrol_kg", "heat_gj", "water_m3", "area_m2")


def _amount(label) -> models.DecimalField:
    return models.DecimalField(
        label,
        max_digits=16,
        decimal_places=3,
        null=True,
        blank=True,
        validators=[MinValueValidator(0), MaxValueValidator(LARGEST)],
    )


class EnergyFigures(models.Model):
    """An organ's consumption in one calendar year, as its file gives it; frozen together with the file's answers.

    An empty amount is unknown, 0 is none. Petrol is given in litres or in kilograms, or part in each.
    """

    assessment = models.ForeignKey(Assessment, models.PROTECT, related_name="energy_figures")
    year = models.PositiveSmallIntegerField(_("calendar year"))
    electricity_kwh = _amount(_("electricity (kWh)"))
    gas_m3 = _amount(_("natural gas (m³)"))
    petrol_l = _amount(_("petrol (L)"))
    petrol_kg = _amount(_("petrol (kg)"))
    heat_gj = _amount(_("heat (GJ)"))
    water_m3 = _amount(_("water (m³)"))
    area_m2 = _amount(_("building area (m²)"))
    users = models.PositiveIntegerField(
        _("energy users (people)"), null=True, blank=True, validators=[MaxValueValidator(10**7)]
    )
    change_reason = models.TextField(_("why users or area changed"), max_length=1000, blank=True)
    version = models.PositiveIntegerField(default=1)
    saved_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    saved_at = models.DateTimeField()

    class Meta:
        ordering = ("assessment", "-year")
        constraints = [
            models.UniqueConstraint(name="energy_year_once_per_file", fields=["assessment", "year"]),
            models.CheckConstraint(
                name="energy_amounts_in_range",
                condition=Q(
                    *(
                        Q(**{f"{name}__isnull": True}) | (Q(**{f"{name}__gte": 0}) & Q(**{f"{name}__lte": LARGEST}))
                        for name in AMOUNTS
                    )
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id} · {self.year}"


class ConversionFactor(models.Model):
    """A factor that turns an amount into kgce or kgCO2, from a day on, with its source. Insert only."""

    class Carrier(models.TextChoices):
        ELECTRICITY = "electricity", _("Electricity (per kWh)")
        GAS = "gas", _("Natural gas (per m³)")
        PETROL = "petrol", _("Petrol (per kg)")
        HEAT = "heat", _("Heat (per GJ)")
        PETROL_DENSITY = "petrol_density", _("Petrol (kg per L)")

    class Into(models.TextChoices):
        KGCE = "kgce", _("kgce, standard coal")
        KGCO2 = "kgco2", _("kgCO₂, carbon")
        KG = "kg", _("kg")

    carrier = models.CharField(_("energy carrier"), max_length=16, choices=Carrier)
    into = models.CharField(_("into"), max_length=6, choices=Into)
    factor = models.DecimalField(
        _("factor"), max_digits=12, decimal_places=6, validators=[MinValueValidator(0), MaxValueValidator(10**5)]
    )
    valid_from = models.DateField(_("valid from"))
    source = models.CharField(_("source"), max_length=300)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("carrier", "into", "-valid_from", "-id")
        constraints = [
            models.CheckConstraint(name="conversion_factor_positive", condition=Q(factor__gt=0)),
            models.CheckConstraint(
                name="conversion_unit_fits_carrier",
                condition=Q(carrier="petrol_density", into="kg")
                | (~Q(carrier="petrol_density") & Q(into__in=["kgce", "kgco2"])),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.get_carrier_display()} → {self.into}: {self.factor}"


class EnergyGoal(models.Model):
    """By how many percent a measure has to change against the year before, for a region and year. Insert only."""

    class Measure(models.TextChoices):
        NON_HEATING_PER_M2 = "non_heating_per_m2", _("Non-heating energy per m²")
        ENERGY_PER_HEAD = "energy_per_head", _("Energy per head")
        WATER_PER_HEAD = "water_per_head", _("Water per head")
        CARBON_PER_M2 = "carbon_per_m2", _("Carbon per m²")

    region = models.ForeignKey(Region, models.PROTECT, related_name="energy_goals", verbose_name=_("region"))
    year = models.PositiveSmallIntegerField(_("calendar year"))
    measure = models.CharField(_("measure"), max_length=20, choices=Measure)
    change_percent = models.DecimalField(
        _("change (%), below 0 is less"),
        max_digits=6,
        decimal_places=2,
        validators=[MinValueValidator(-100), MaxValueValidator(100)],
    )
    source = models.CharField(_("source"), max_length=300)
    entered_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    entered_at = models.DateTimeField()

    class Meta:
        ordering = ("region__position", "-year", "measure", "-id")

    def __str__(self) -> str:
        return f"{self.get_measure_display()} · {self.year}: {self.change_percent} %"
