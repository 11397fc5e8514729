"""What stands against handing a self-rating over: errors, which cannot be passed, and warnings, which a reason passes.

Plain data in, findings out; one check is one function of one item. An error says that something is missing without
which the file means nothing. A warning says what an inspector would ask about on site: answering it now, in a
sentence, spares both sides a question later. Where a site check decides, no warning asks for paper (burden relief).
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

Text = str | Promise

ERROR = "error"
WARNING = "warning"
SHORTEST_REASON = 10  # characters; shorter ones explain nothing to an inspector

UNANSWERED = "unanswered"
NOT_DONE = "not_done"
EVIDENCE_MISSING = "evidence_missing"
NO_EVIDENCE = "no_evidence"
EVIDENCE_EXPIRED = "evidence_expired"
EVIDENCE_EXPIRES = "evidence_expires"
MUCH_BETTER = "much_better"
SENT_BACK = "sent_back"

TEXTS: Mapping[str, Text] = {
    UNANSWERED: _("Not answered yet"),
    NOT_DONE: _("Not marked as done yet"),
    EVIDENCE_MISSING: _("Required evidence is missing"),
    NO_EVIDENCE: _("Points are claimed without any evidence"),
    EVIDENCE_EXPIRED: _("Evidence has expired: %(names)s"),
    EVIDENCE_EXPIRES: _("Evidence expires before the self-rating ends on %(until)s: %(names)s"),
    MUCH_BETTER: _("%(points)s points are claimed after %(before)s in %(year)s, without an explanation"),
    SENT_BACK: _("The file was sent back for this item, and nobody has saved it since"),
}
# Why a warning is there, and what settles it without a reason.
WHY: Mapping[str, Text] = {
    NO_EVIDENCE: _("The standard expects a document here. Attach it, or say why there is none."),
    EVIDENCE_EXPIRED: _("The inspector sees the date. Attach a newer document, or say why this one still proves it."),
    EVIDENCE_EXPIRES: _("The inspector sees the date. Attach a newer document, or say what replaces this one."),
    MUCH_BETTER: _("The inspector will ask what has changed. Write it into the explanation of the item, or here."),
    SENT_BACK: _("The competent department asked for a change. Change the item, or say why it stays as it is."),
}
# What was passed, in a few words, for those who read the reason later; the values stand beside it on their own.
LABELS: Mapping[str, Text] = {
    NO_EVIDENCE: _("Points without evidence"),
    EVIDENCE_EXPIRED: _("Expired evidence"),
    EVIDENCE_EXPIRES: _("Evidence that expires soon"),
    MUCH_BETTER: _("Far more points than before"),
    SENT_BACK: _("Sent back and left as it was"),
    "energy_missing_this": _("Figures of the rated year are missing"),
    "energy_missing_last": _("Figures of the year before are missing"),
}


def label_of(kind: str) -> str:
    """Return in the reader's language what a passed warning was about."""
    return str(LABELS.get(kind, _("Warning")))


@dataclass(frozen=True, slots=True)
class Piece:
    """A file attached to an item, with the last day on which it is valid (None: without end)."""

    name: str
    valid_until: date | None = None


@dataclass(frozen=True, slots=True)
class Line:
    """One item of a file as the checks see it.

    `claimed` are the points of the answer (None: not answered), `before` those of the organ's last file, of the round
    `before_year`, at the same item (None: none, or not comparable). `sent_back` tells that a reason of the department
    waits for an answer.
    """

    code: str
    points: Decimal
    claimed: Decimal | None = None
    answered: bool = False
    done: bool = True
    not_applicable: bool = False
    bonus: bool = False
    gate_met: bool = False
    evidence_expected: bool = False
    evidence_required: bool = False
    decided_on_site: bool = False
    explained: bool = False
    pieces: tuple[Piece, ...] = ()
    before: Decimal | None = None
    before_year: int = 0
    sent_back: bool = False

    @property
    def claims_something(self) -> bool:
        """Tell whether the answer asks for proof: what does not apply and what claims no points asks for none.

        A gate may be worth no points, and still decides whether the file can pass at all.
        """
        return self.answered and not self.not_applicable and (bool(self.claimed) or self.gate_met)


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that stands against handing over: at which item, of which kind, how hard, and the values of its text.

    `text` and `because` are set where another check than those of this module wrote the sentences.
    """

    indicator: str
    kind: str
    severity: str
    values: Mapping[str, object] = field(default_factory=dict)
    text: Text = ""
    because: Text = ""

    @property
    def is_error(self) -> bool:
        """Tell whether no reason passes it."""
        return self.severity == ERROR

    @property
    def sentence(self) -> str:
        """Return in the reader's language what was found."""
        return str(self.text) or str(TEXTS[self.kind]) % self.values

    @property
    def why(self) -> str:
        """Return in the reader's language why a warning is there and what settles it; empty for an error."""
        return str(self.because or WHY.get(self.kind, ""))


@dataclass(frozen=True, slots=True)
class Days:
    """The days that evidence is measured against: today, and the last day of the self-rating's window (inclusive)."""

    today: date
    until: date


def findings(lines: Iterable[Line], days: Days) -> list[Finding]:
    """Return what stands against handing over, item by item in the order given, errors of an item first.

    An item that is not answered is found once, as an error or (a bonus) not at all: nothing else is asked about it.
    """
    return [found for line in lines for found in _of_line(line, days)]


def _of_line(line: Line, days: Days) -> Iterator[Finding]:
    if not line.answered:
        if not line.bonus:
            yield Finding(line.code, UNANSWERED, ERROR)
        return
    for kind, broken in _ERRORS.items():
        if broken(line):
            yield Finding(line.code, kind, ERROR)
    for kind, found in _WARNINGS.items():
        values = found(line, days)
        if values is not None:
            yield Finding(line.code, kind, WARNING, values)


_ERRORS: Mapping[str, Callable[[Line], bool]] = {
    NOT_DONE: lambda line: not line.done,
    EVIDENCE_MISSING: lambda line: line.evidence_required and line.claims_something and not line.pieces,
}

Values = Mapping[str, object] | None  # None: nothing to warn of


def _no_evidence(line: Line, _days: Days) -> Values:
    asks = line.evidence_expected and not line.evidence_required and not line.decided_on_site
    return {} if asks and line.claims_something and not line.pieces else None


def _names(pieces: Iterable[Piece]) -> str:
    return "; ".join(f"{piece.name} ({piece.valid_until})" for piece in pieces)


def _expired(line: Line, days: Days) -> Values:
    gone = [piece for piece in line.pieces if piece.valid_until is not None and piece.valid_until < days.today]
    return {"names": _names(gone)} if gone and line.claims_something else None


def _expires(line: Line, days: Days) -> Values:
    ending = [
        piece for piece in line.pieces if piece.valid_until is not None and days.today <= piece.valid_until < days.until
    ]
    values = {"names": _names(ending), "until": days.until.isoformat()}
    return values if ending and line.claims_something else None


def _much_better(line: Line, _days: Days) -> Values:
    """Full points after fewer, or half of the item's points more than in the last file."""
    if line.before is None or not line.claimed or line.explained or line.not_applicable:
        return None
    gain = line.claimed - line.before
    leap = gain > 0 and (line.claimed >= line.points or 2 * gain >= line.points)
    values = {"points": _plain(line.claimed), "before": _plain(line.before), "year": line.before_year}
    return values if leap else None


def _plain(number: Decimal) -> str:
    text = f"{number:f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _sent_back(line: Line, _days: Days) -> Values:
    return {} if line.sent_back else None


_WARNINGS: Mapping[str, Callable[[Line, Days], Values]] = {
    NO_EVIDENCE: _no_evidence,
    EVIDENCE_EXPIRED: _expired,
    EVIDENCE_EXPIRES: _expires,
    MUCH_BETTER: _much_better,
    SENT_BACK: _sent_back,
}
WARNING_KINDS: tuple[str, ...] = tuple(_WARNINGS)


def is_reason(text: str) -> bool:
    """Tell whether a reason is long enough to say something: ten characters, runs of blanks counted once."""
    return len(" ".join(text.split())) >= SHORTEST_REASON
