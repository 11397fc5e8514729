"""Turns one cell into a value, whether it came as text or as a workbook's own number or date. Never guesses."""

import re
from collections.abc import Callable, Iterable
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from functools import lru_cache
from typing import Any

from creation.credit_code import LENGTH, normalise, problem

BLANKS = " \t\r\n\u3000\xa0"
LARGEST_INTEGER = 2_147_483_647
LARGEST_AREA = Decimal("9999999999.99")
FIRST_YEAR, LAST_YEAR = 1900, 2199

# What cannot be seen: control characters, line ends, and marks that turn the direction of writing.
_INVISIBLE = re.compile("[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufffe\uffff]")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
# Day and month may be swapped, or the century is missing.
_UNCLEAR = re.compile(r"[0-9]{1,2}[-/.][0-9]{1,2}[-/.]([0-9]{2}|[0-9]{4})")
_INTEGER = re.compile(r"-?[0-9]+")
_DECIMAL = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_REGION_CODE = re.compile(r"[0-9A-Za-z-]+")
_FLOAT_PLACES = Decimal("0.000001")

Parser = Callable[[Any], Any]


class Bad(Exception):
    """A cell that cannot be taken; `code` names the fault in `faults.TEXTS`."""

    def __init__(self, code: str, **details: object):
        super().__init__(code)
        self.code = code
        self.details = details


def as_text(raw: Any) -> str:
    """Return a cell as text without blanks around it; a workbook's 110000.0 is 110000."""
    if isinstance(raw, str):
        return raw.strip(BLANKS)
    if isinstance(raw, float) and raw.is_integer():
        return str(int(raw))
    if isinstance(raw, datetime) and not (raw.hour or raw.minute or raw.second):
        return raw.date().isoformat()
    return str(raw)


def text(limit: int, *, required: bool) -> Parser:
    """Return a parser of texts of at most `limit` characters."""

    def parse(raw: Any) -> str:
        value = as_text(raw)
        if not value:
            if required:
                raise Bad("missing")
            return ""
        if _INVISIBLE.search(value):
            raise Bad("control")
        if len(value) > limit:
            raise Bad("too_long", found=len(value), limit=limit)
        return value

    return parse


def credit_code(raw: Any) -> str:
    """Return a unified social credit code as it is stored."""
    value = normalise(as_text(raw))
    if not value:
        raise Bad("missing")
    if _INVISIBLE.search(value):
        raise Bad("control")
    wrong = problem(value)
    if wrong == "length":
        raise Bad("code_length", found=len(value), expected=LENGTH)
    if wrong:
        raise Bad(f"code_{wrong}")
    return value


def region_code(limit: int) -> Parser:
    """Return a parser of a region's own code."""
    parse_text = text(limit, required=True)

    def parse(raw: Any) -> str:
        value = parse_text(raw)
        if not _REGION_CODE.fullmatch(value):
            raise Bad("region_code")
        return value

    return parse


def choice(allowed: Iterable[str], fault: str) -> Parser:
    """Return a parser of one of the slugs `allowed`."""
    slugs = tuple(allowed)
    known = frozenset(slugs)

    def parse(raw: Any) -> str:
        value = as_text(raw)
        if value in known:
            return value
        raise Bad(fault, choices=", ".join(slugs)) if value else Bad("missing")

    return parse


def day(*, required: bool) -> Parser:
    """Return a parser of dates: a workbook's own, or text in ISO form."""

    def parse(raw: Any) -> date | None:
        if isinstance(raw, datetime):
            if raw.hour or raw.minute or raw.second:
                raise Bad("date")
            raw = raw.date()
        if isinstance(raw, date):
            return _in_range(raw)
        value = as_text(raw)
        if value:
            return _iso_day(value)
        if required:
            raise Bad("missing")
        return None

    return parse


# A register has few days in many rows.
@lru_cache(maxsize=4096)
def _iso_day(value: str) -> date:
    if not _ISO.fullmatch(value):
        raise Bad("date_unclear" if _UNCLEAR.fullmatch(value) else "date")
    try:
        return _in_range(date.fromisoformat(value))
    except ValueError:
        raise Bad("date") from None


def _in_range(value: date) -> date:
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise Bad("date_range")
    return value


def integer(raw: Any) -> int | None:
    """Return a whole number from 0, or None for an empty cell."""
    value = as_text(raw)
    if not value:
        return None
    if not _INTEGER.fullmatch(value):
        raise Bad("number_whole" if _DECIMAL.fullmatch(value) else "number")
    if value.startswith("-"):
        raise Bad("negative")
    if len(value) > len(str(LARGEST_INTEGER)) or int(value) > LARGEST_INTEGER:
        raise Bad("number_large")
    return int(value)


def area(raw: Any) -> Decimal | None:
    """Return square metres from 0 with at most two places, or None for an empty cell."""
    value = as_text(raw)
    if not value:
        return None
    if not isinstance(raw, float) and not _DECIMAL.fullmatch(value):
        raise Bad("number")
    try:
        number = Decimal(value)
    except InvalidOperation:
        raise Bad("number") from None
    if not number.is_finite():
        raise Bad("number")
    if number < 0:
        raise Bad("negative")
    if number > LARGEST_AREA:
        raise Bad("number_large")
    if isinstance(raw, float):
        # a workbook's sums carry the noise of binary fractions, far behind any place that was typed
        number = number.quantize(_FLOAT_PLACES).normalize()
    if number.as_tuple().exponent < -2 and number != round(number, 2):  # noqa: PLR2004 the column's places
        raise Bad("places")
    return round(number, 2)
