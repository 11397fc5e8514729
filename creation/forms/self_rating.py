"""Forms of a file's way: starting it, signing it, and withdrawing it."""

from django import forms
from django.utils.translation import gettext_lazy as _


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
