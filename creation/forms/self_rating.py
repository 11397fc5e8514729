"""Forms of a file's way: starting it, signing it, and withdrawing it."""

from django import forms
from django.utils.translation import gettext_lazy as _

from creation import checks
from creation.actions.warnings import LONGEST_REASON, too_short


class StartForm(forms.Form):
    """The organ and the round for which a self-rating is started; `openings` are (value, label) pairs."""

    opening = forms.ChoiceField(label=_("Organ and round"), widget=forms.RadioSelect)

    def __init__(self, *args, openings, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["opening"].choices = openings
        self.fields["opening"].initial = openings[0][0] if openings else None


class SignForm(forms.Form):
    """The signature: it names the handing over whose answers were on the page, by its number."""

    prepared = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def clean(self):
        """Ask for the page again where the form does not say what was seen."""
        cleaned = super().clean()
        if cleaned.get("prepared") is None:
            raise forms.ValidationError(_("Check the answers on this page, then sign."))
        return cleaned


class WithdrawForm(forms.Form):
    """Why a file is withdrawn: a reason to choose, and words where that one does not say enough."""

    REASONS = (
        ("mistake", _("Started by mistake")),
        ("organ_changes", _("The organ is being merged, split or abolished")),
        ("not_ready", _("Not ready this year, starts again in the next round")),
        ("other", _("Another reason, see the explanation")),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=REASONS, widget=forms.RadioSelect)
    explanation = forms.CharField(
        label=_("Explanation"), required=False, max_length=1000, widget=forms.Textarea(attrs={"rows": 2})
    )

    def clean(self):
        """Ask for words where “another reason” was chosen."""
        cleaned = super().clean()
        if cleaned.get("reason") == "other" and not cleaned.get("explanation"):
            self.add_error("explanation", _("Say which other reason."))
        return cleaned

    def text(self) -> str:
        """Return the reason in words, as it is kept with the step."""
        chosen = str(dict(self.REASONS)[self.cleaned_data["reason"]])
        explanation = self.cleaned_data["explanation"]
        return f"{chosen}: {explanation}" if explanation else chosen


class ReasonsForm(forms.Form):
    """A reason for each warning of a file; `warnings` are its findings, `passed` the rows of those that were passed.

    Each field also brings what it held when the page was made, so that an untouched one overwrites nothing that a
    colleague wrote meanwhile.
    """

    def __init__(self, *args, warnings, passed, **kwargs):
        super().__init__(*args, **kwargs)
        self.warnings = {field_of(each): each for each in warnings}
        self.passed = passed
        for name, each in self.warnings.items():
            row = passed.get((each.indicator, each.kind))
            self.fields[name] = forms.CharField(
                label=_("Reason"),
                required=False,
                max_length=LONGEST_REASON,
                initial=row.reason if row else "",
                show_hidden_initial=True,
                widget=forms.Textarea(attrs={"rows": 2}),
            )

    def clean(self):
        """Refuse a reason that is too short to say anything; an empty one is none."""
        cleaned = super().clean()
        for name in self.warnings:
            text = cleaned.get(name, "")
            if text and not checks.is_reason(text):
                self.add_error(name, too_short())
        return cleaned

    def changes(self) -> list[tuple[checks.Finding, str]]:
        """Return the warnings whose reason was changed on the page, each with the new one (empty: taken back)."""
        return [(self.warnings[name], self.cleaned_data[name]) for name in self.changed_data]

    def rows(self) -> list[tuple]:
        """Return each warning with its field, what that held, and the row by which it was passed, if it was."""
        return [
            (each, self[name], self[name].as_hidden(only_initial=True), self.passed.get((each.indicator, each.kind)))
            for name, each in self.warnings.items()
        ]


def field_of(finding: checks.Finding) -> str:
    """Return the name of the field that takes a warning's reason."""
    return f"reason-{finding.indicator}-{finding.kind}"
