"""What a year's consumption comes to per square metre and per head, and whether a goal is met (domain, section 9).

Plain data in, plain data out; every number is an exact ``Fraction`` until it is shown, and carries its working: the
formula with the figures put in. An amount that is not known is never 0: what depends on it is not known either, and
says what is missing.

=====================  ===========================================================================
total                  Σ amount × factor, in kgce (or, with the factors for carbon, in kgCO₂)
non_heating_per_m2     (total − vehicle fuel − heating) ÷ area
energy_per_head        total ÷ users
water_per_head         water ÷ users
carbon_per_m2          total carbon ÷ area
=====================  ===========================================================================

Vehicle fuel is the petrol, heating the heat that was bought.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

# carrier → the field of its amount; petrol comes in litres or kilograms and is asked for by `petrol_kg`
CARRIERS: Mapping[str, str] = {
    "electricity": "electricity_kwh",
    "gas": "gas_m3",
    "petrol": "petrol",
    "heat": "heat_gj",
}
MEASURES: tuple[str, ...] = ("non_heating_per_m2", "energy_per_head", "water_per_head", "carbon_per_m2")
UNITS: Mapping[str, str] = {
    "non_heating_per_m2": "kgce/m²",
    "energy_per_head": "kgce",
    "water_per_head": "m³",
    "carbon_per_m2": "kgCO₂/m²",
}
BIG_CHANGE = 10  # percent; a greater change of users or area asks for a reason
_PLACES = 4
_TOTAL_PLACES = 2

MET, NOT_MET, UNKNOWN = "met", "not_met", "unknown"


@dataclass(frozen=True, slots=True)
class Year:
    """One calendar year's consumption; ``None`` is unknown, 0 is none."""

    electricity_kwh: Decimal | None = None
    gas_m3: Decimal | None = None
    petrol_l: Decimal | None = None
    petrol_kg: Decimal | None = None
    heat_gj: Decimal | None = None
    water_m3: Decimal | None = None
    area_m2: Decimal | None = None
    users: int | None = None


@dataclass(frozen=True, slots=True)
class Factors:
    """What one unit of a carrier gives, by carrier; the density of petrol in kg per litre. Absent is not known."""

    kgce: Mapping[str, Decimal] = field(default_factory=dict)
    kgco2: Mapping[str, Decimal] = field(default_factory=dict)
    petrol_density: Decimal | None = None


@dataclass(frozen=True, slots=True)
class Worked:
    """A number with its working, or what is missing for it.

    ``missing`` has names of fields of `Year` (``petrol`` where neither litres nor kilograms are known), ``area_zero``
    and ``users_zero`` where nothing can be divided, ``petrol_density``, and factors as ``kgce:gas``.
    """

    value: Fraction | None
    working: str = ""
    missing: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """One measure of two years against its goal: `outcome` is met, not_met or unknown.

    ``percent`` is the goal's change in percent (−1.6 is “1.6 % less”), ``change`` the change found, rounded up to two
    places so that it never looks better than it is; ``None`` where there is none, also after a year of 0.
    """

    measure: str
    percent: Decimal
    this: Worked
    last: Worked
    outcome: str
    change: Decimal | None = None
    working: str = ""

    @property
    def missing(self) -> tuple[str, ...]:
        """What is missing in either year, each named once."""
        return tuple(dict.fromkeys((*self.this.missing, *self.last.missing)))


# --- numbers as they are shown -------------------------------------------------------------------------------------


def plain(number: Decimal | int) -> str:
    """Return a number as it was entered, in groups of three and without trailing zeros: 120,000 or 0.1229."""
    text = f"{number:,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def rounded(value: Fraction, places: int = _PLACES) -> Decimal:
    """Return a value rounded half up to `places`."""
    return Decimal(floor(value * 10**places + Fraction(1, 2))).scaleb(-places)


def equals(value: Fraction, places: int = _PLACES) -> str:
    """Return “= 9.84”, or “≈ 9.8423” where rounding took something away."""
    near = rounded(value, places)
    return f"{'=' if Fraction(near) == value else '≈'} {plain(near)}"


# --- one year ------------------------------------------------------------------------------------------------------


def petrol(year: Year, factors: Factors) -> Worked:
    """Return the petrol of a year in kg: what came in kilograms and, by its density, what came in litres.

    Where one of the two is empty the other is the whole.
    """
    if year.petrol_l is None and year.petrol_kg is None:
        return Worked(None, missing=("petrol",))
    kilograms = Fraction(year.petrol_kg or 0)
    if not year.petrol_l:
        return Worked(kilograms, plain(year.petrol_kg or 0))
    if factors.petrol_density is None:
        return Worked(None, missing=("petrol_density",))
    value = kilograms + Fraction(year.petrol_l) * Fraction(factors.petrol_density)
    litres = f"{plain(year.petrol_l)} × {plain(factors.petrol_density)}"
    return Worked(value, f"({litres} + {plain(year.petrol_kg)})" if year.petrol_kg else litres)


def carrier(name: str, year: Year, factors: Factors, into: str = "kgce") -> Worked:
    """Return what one carrier comes to in a year. Of a carrier that was not used the factor is not needed."""
    if name == "petrol":
        amount = petrol(year, factors)
    else:
        given = getattr(year, CARRIERS[name])
        amount = Worked(None, missing=(CARRIERS[name],)) if given is None else Worked(Fraction(given), plain(given))
    if not amount.value:
        return amount
    factor = (factors.kgce if into == "kgce" else factors.kgco2).get(name)
    if factor is None:
        return Worked(None, missing=(f"{into}:{name}",))
    return Worked(amount.value * Fraction(factor), f"{amount.working} × {plain(factor)}")


def total(year: Year, factors: Factors, into: str = "kgce") -> Worked:
    """Return a year's whole consumption in kgce or kgCO₂; not known while a single carrier is not."""
    parts = [carrier(name, year, factors, into) for name in CARRIERS]
    missing = tuple(slug for part in parts for slug in part.missing)
    if missing:
        return Worked(None, missing=missing)
    value = sum((part.value for part in parts if part.value is not None), Fraction(0))
    terms = " + ".join(part.working for part in parts if part.value) or "0"
    return Worked(value, f"{terms} {equals(value, _TOTAL_PLACES)}")


def measure(name: str, year: Year, factors: Factors) -> Worked:
    """Return one of `MEASURES` of a year with its working, or what is missing for it."""
    if name == "non_heating_per_m2":
        return _non_heating(year, factors)
    if name == "energy_per_head":
        whole = total(year, factors)
        shown = "" if whole.value is None else plain(rounded(whole.value, _TOTAL_PLACES))
        return _divided(whole, shown, year.users, "users")
    if name == "water_per_head":
        known = year.water_m3 is not None
        water = Worked(Fraction(year.water_m3 or 0)) if known else Worked(None, missing=("water_m3",))
        return _divided(water, plain(year.water_m3 or 0), year.users, "users")
    carbon = total(year, factors, "kgco2")
    shown = "" if carbon.value is None else plain(rounded(carbon.value, _TOTAL_PLACES))
    return _divided(carbon, shown, year.area_m2, "area_m2")


def _non_heating(year: Year, factors: Factors) -> Worked:
    whole = total(year, factors)
    fuel, heating = carrier("petrol", year, factors), carrier("heat", year, factors)
    if whole.value is None or fuel.value is None or heating.value is None:
        return _divided(whole, "", year.area_m2, "area_m2")
    parts = [plain(rounded(value, _TOTAL_PLACES)) for value in (whole.value, fuel.value, heating.value)]
    rest = Worked(whole.value - fuel.value - heating.value)
    return _divided(rest, f"({' − '.join(parts)})", year.area_m2, "area_m2")


def _divided(upper: Worked, shown: str, lower: Decimal | int | None, name: str) -> Worked:
    """Return upper ÷ lower with its working; missing on either side, or a lower of 0, leaves no value."""
    missing = list(upper.missing)
    if lower is None:
        missing.append(name)
    elif not lower:
        missing.append(f"{name.removesuffix('_m2')}_zero")
    if upper.value is None or not lower or missing:
        return Worked(None, missing=tuple(missing))
    value = upper.value / Fraction(lower)
    return Worked(value, f"{shown} ÷ {plain(lower)} {equals(value)}")


# --- this year against last year -----------------------------------------------------------------------------------


def compare(name: str, this: Year, last: Year, factors: Factors, percent: Decimal) -> Comparison:
    """Return how a measure changed against its goal; both years are reckoned with the same factors.

    Met is exactly this ≤ last × (100 + percent) ÷ 100, so a change that is only shown as −1.60 % does not meet −1.6 %.
    """
    now, before = measure(name, this, factors), measure(name, last, factors)
    if now.value is None or before.value is None:
        return Comparison(name, percent, now, before, UNKNOWN)
    met = now.value <= before.value * (100 + Fraction(percent)) / 100
    return Comparison(
        name,
        percent,
        now,
        before,
        MET if met else NOT_MET,
        change_shown(now.value, before.value),
        _working_of(now.value, before.value, percent, met=met),
    )


def change_shown(now: Fraction, before: Fraction) -> Decimal | None:
    """Return the change in percent rounded up to two places, away from looking better; ``None`` after a year of 0."""
    if not before:
        return None
    return Decimal(ceil((now - before) / before * 10000)).scaleb(-2)


def _working_of(now: Fraction, before: Fraction, percent: Decimal, *, met: bool) -> str:
    this, last = plain(rounded(now)), plain(rounded(before))
    change = change_shown(now, before)
    if change is None:
        return f"{this} {'≤' if met else '>'} 0"
    sign = "≤" if met else ">"
    exact = Fraction(change) == (now - before) / before * 100
    found = f"{'=' if exact else '≈'} {signed(change, 2)} %"
    return f"({this} − {last}) ÷ {last} × 100 {found} {sign} {signed(percent)} %"


def signed(number: Decimal, places: int | None = None) -> str:
    """Return a change with its sign: −1.60, +0.4, 0."""
    text = plain(abs(number)) if places is None else f"{abs(number):.{places}f}"
    return f"{'−' if number < 0 else '+' if number > 0 else ''}{text}"


def propose(comparisons: list[Comparison]) -> str:
    """Return what the goals say of the gate: one not met is not met; without a goal, or with one unknown, unknown."""
    outcomes = {one.outcome for one in comparisons}
    if NOT_MET in outcomes:
        return NOT_MET
    return MET if outcomes == {MET} else UNKNOWN


# --- what asks for a reason ----------------------------------------------------------------------------------------


def big_changes(this: Year, last: Year) -> tuple[str, ...]:
    """Return which of ``users`` and ``area_m2`` changed by more than 10 %; exactly 10 % asks nothing."""
    pairs = {"users": (this.users, last.users), "area_m2": (this.area_m2, last.area_m2)}
    return tuple(name for name, (now, before) in pairs.items() if _is_big(now, before))


def _is_big(now: Decimal | int | None, before: Decimal | int | None) -> bool:
    if now is None or before is None:
        return False
    return abs(Fraction(now) - Fraction(before)) * 100 > Fraction(before) * BIG_CHANGE


@dataclass(frozen=True, slots=True)
class Problems:
    """What is wrong with two years' figures.

    ``errors`` cannot be passed: ``users`` or ``area_m2`` changed by more than 10 % and nobody says why. ``warnings``
    can: (year: this or last, name of what is missing).
    """

    errors: tuple[str, ...]
    warnings: tuple[tuple[str, str], ...]


def energy_problems(this: Year, last: Year, reason: str) -> Problems:
    """Return what stands against handing the figures over, and what one should look at again."""
    errors = () if reason.strip() else big_changes(this, last)
    warnings = tuple((name, slug) for name, year in (("this", this), ("last", last)) for slug in missing_of(year))
    return Problems(errors, warnings)


def missing_of(year: Year) -> tuple[str, ...]:
    """Return which figures of a year are not known, petrol once; none where the year says nothing wrong."""
    names = [name for name in ("electricity_kwh", "gas_m3") if getattr(year, name) is None]
    if year.petrol_l is None and year.petrol_kg is None:
        names.append("petrol")
    return (
        *names,
        *(name for name in ("heat_gj", "water_m3", "area_m2", "users") if getattr(year, name) is None),
    )
