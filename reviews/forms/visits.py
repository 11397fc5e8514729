"""What a team enters at an item (meets, partly, does not, cannot check), its one change later, and a signature."""

import json

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation.forms.ratings import RatingForm, points_text
from creation.models import Indicator
from reviews.forms.findings import PhotosField

MEETS, PARTLY, DOES_NOT, NOT_APPLICABLE, CANNOT = "meets", "partly", "does_not", "not_applicable", "cannot"
TOP_AND_BOTTOM = 2  # levels: with two there is nothing in between; nor with a single part
_COUNTED = {"additive": gettext_lazy("Counted: enter the number"), "banded": gettext_lazy("Measured: enter the value")}


def best_of(indicator: Indicator) -> dict | None:
    """Return what “meets” stands for where it needs no number: everything there, the top level, nothing amiss."""
    rubric = indicator.rubric
    if rubric["method"] == "levels":
        points = [level["points"] for level in rubric["levels"]]
        return {"level": points.index(max(points))}
    simple = {
        "gate": {"met": True},
        "checklist": {"present": list(range(len(rubric.get("parts", []))))},
        "deductive": {"count": 0},
    }
    return simple.get(rubric["method"])


def worst_of(indicator: Indicator) -> dict | None:
    """Return what “does not meet” stands for, None where a number says it."""
    rubric = indicator.rubric
    if rubric["method"] == "levels":
        points = [level["points"] for level in rubric["levels"]]
        return {"level": points.index(min(points))} if min(points) == 0 else None
    simple = {"gate": {"met": False}, "checklist": {"present": []}}
    return simple.get(rubric["method"])


def _has_between(rubric: dict) -> bool:
    steps = {"checklist": len(rubric.get("parts", [])) + 1, "levels": len(rubric.get("levels", []))}
    return steps.get(rubric["method"], 0) > TOP_AND_BOTTOM


def _verdicts(indicator: Indicator) -> list[tuple[str, str]]:
    """Return what can be said of the item in one touch, each with the points it gives."""
    method = indicator.rubric["method"]
    if method in _COUNTED:
        return [(PARTLY, str(_COUNTED[method]))]
    said = [(MEETS, f"{_('Meets')} · {points_text(indicator.points)}")]
    if method == "deductive":
        return [*said, (PARTLY, _("Partly or not: count what is amiss"))]
    if _has_between(indicator.rubric):
        said.append((PARTLY, _("Partly: say below what")))
    if worst_of(indicator) is not None:
        none = _("a gate: without it the file cannot pass") if indicator.gate else points_text(0)
        said.append((DOES_NOT, _("Does not meet") + f" · {none}"))
    return said


class VisitRatingForm(RatingForm):
    """What the team found at an item. The verdict in one touch, details only where it is in between or a number.

    Without a verdict the details alone hold. What cannot be checked needs its reason and stays unrated.
    """

    can_be_left = True

    verdict = forms.ChoiceField(
        label=gettext_lazy("What did you find?"), required=False, choices=[], widget=forms.RadioSelect
    )
    cannot_check = forms.CharField(
        label=gettext_lazy("Why it cannot be checked"),
        required=False,
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("The visit is filed once the item is rated, from documents or on another look."),
    )
    from_paper = forms.BooleanField(label=gettext_lazy("Entered from the printed sheet"), required=False)

    def __init__(self, indicator: Indicator, data=None, *, initial_row=None, prefix: str | None = None):
        super().__init__(indicator, data, initial_row=initial_row, prefix=prefix)
        verdicts = _verdicts(indicator)
        if "not_applicable" in self.fields:
            verdicts.append((NOT_APPLICABLE, str(self.fields["not_applicable"].label)))
        if self.can_be_left:
            verdicts.append((CANNOT, _("Cannot be checked: say why")))
        else:
            del self.fields["cannot_check"], self.fields["from_paper"]
        self.fields["verdict"].choices = verdicts
        self.initial |= self._as_said(initial_row)

    def _as_said(self, row) -> dict:
        if row is None:
            return {"verdict": PARTLY if self.method in _COUNTED else ""}
        said = {"cannot_check": row.cannot_check, "from_paper": row.from_paper}
        if row.cannot_check:
            return said | {"verdict": CANNOT}
        if row.not_applicable:
            return said | {"verdict": NOT_APPLICABLE}
        if row.found is None:
            return said | {"verdict": PARTLY if self.method in _COUNTED else ""}
        known = {json.dumps(best_of(self.indicator)): MEETS, json.dumps(worst_of(self.indicator)): DOES_NOT}
        return said | {"verdict": known.get(json.dumps(row.found), PARTLY)}

    @property
    def verdict_now(self) -> str:
        """Return the verdict chosen, empty while there is none."""
        return self.cleaned_data.get("verdict") or ""

    def found(self) -> dict | None:
        """Return what was found; a verdict that needs no details stands for what it means."""
        if self.verdict_now in {"", PARTLY}:
            return super().found()
        return {MEETS: best_of(self.indicator), DOES_NOT: worst_of(self.indicator)}.get(self.verdict_now)

    def not_applicable(self) -> bool:
        """Tell whether the item was marked not applicable."""
        return self.verdict_now == NOT_APPLICABLE or (not self.verdict_now and super().not_applicable())

    def cannot_check_text(self) -> str:
        """Return why the item cannot be checked, empty where it can."""
        wanted = self.verdict_now == CANNOT or (
            not self.verdict_now and self.found() is None and not self.not_applicable()
        )
        return self.cleaned_data.get("cannot_check", "").strip() if wanted else ""

    def answer(self) -> dict:
        """Return the keyword arguments of the verb that keeps a rating."""
        more = {"cannot_check": self.cannot_check_text(), "from_paper": self.cleaned_data["from_paper"]}
        return super().answer() | more

    def as_row(self):
        """Return what was typed in the shape of a saved row."""
        row = super().as_row()
        row.cannot_check = self.cannot_check_text()
        return row

    def clean(self):
        """Refuse a verdict without what it needs; details that belong to another verdict are not looked at."""
        if self.verdict_now not in {"", PARTLY}:
            self.cleaned_data["found"] = None
            self.errors.pop("found", None)
        cleaned = super().clean()
        if self.verdict_now == CANNOT and not self.cannot_check_text():
            self.add_error("cannot_check", _("Say why it cannot be checked."))
        if self.verdict_now == PARTLY and not cleaned.get("found") and not self.has_error("found"):
            self.add_error("found", _("Say what exactly was found."))
        return cleaned


class ChangeForm(VisitRatingForm):
    """The one change of an item after the comparison with the organ's own points, with its reason."""

    can_be_left = False

    reason = forms.CharField(
        label=gettext_lazy("Reason for the change"),
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("The organ and its department read it beside both entries."),
    )

    def _as_said(self, row) -> dict:
        said = super()._as_said(row)
        return {"verdict": said["verdict"]}

    def answer(self) -> dict:
        """Return the keyword arguments of the verb that changes a rating after the comparison."""
        return RatingForm.answer(self) | {"reason": self.cleaned_data["reason"]}


class ItemPhotosForm(forms.Form):
    """Photos taken at an item."""

    photos = PhotosField(label=gettext_lazy("Add photos"))


class FindingPhotosForm(forms.Form):
    """Photos of a finding that the team took itself, before or after it was put right on the spot."""

    when = forms.ChoiceField(
        label=gettext_lazy("What they show"),
        choices=[("before", gettext_lazy("Before the repair")), ("after", gettext_lazy("After the repair"))],
        initial="after",
        widget=forms.RadioSelect,
    )
    photos = PhotosField(label=gettext_lazy("Photos"))


class SignatureForm(forms.Form):
    """Who signs, for whom, and the drawing as the page recorded it."""

    ORGAN = "organ"

    who = forms.ChoiceField(label=gettext_lazy("Who signs"), widget=forms.RadioSelect)
    name = forms.CharField(label=gettext_lazy("Name of the representative"), required=False, max_length=80)
    position = forms.CharField(label=gettext_lazy("Position"), required=False, max_length=80)
    disagrees = forms.BooleanField(label=gettext_lazy("I disagree with what was found"), required=False)
    statement = forms.CharField(
        label=gettext_lazy("What I disagree with, and why"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    strokes = forms.JSONField(widget=forms.HiddenInput, required=False)

    def __init__(self, team, data=None, *, initial=None):
        super().__init__(data, initial=initial)
        people = [(str(user.pk), str(user)) for user in team]
        self.fields["who"].choices = [*people, (self.ORGAN, _("A representative of the organ"))]
        self.team = {str(user.pk): user for user in team}

    def signature(self) -> dict:
        """Return the keyword arguments of the verb that keeps a signature."""
        typed = self.cleaned_data
        strokes = typed["strokes"] or []
        if typed["who"] != self.ORGAN:
            user = self.team[typed["who"]]
            empty = {"name": user.name, "position": "", "disagrees": False, "statement": ""}
            return {"side": "inspector", "user": user, "strokes": strokes, **empty}
        said = {key: typed[key] for key in ("name", "position", "disagrees", "statement")}
        return {"side": "organ", "strokes": strokes, **said}
