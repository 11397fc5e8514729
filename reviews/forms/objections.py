"""What the public, an organ and the deciding officials type around an objection."""

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from creation.forms.fields import LIMITS as FILE_LIMITS
from creation.forms.fields import CheckedFileField, MultipleCheckedFileField, lazy_kinds
from reviews.actions.objections import ANONYMOUS, MAX_FILES, MAX_MEGABYTES, faults_in
from reviews.models import Objection, Objector

LIMITS = format_lazy(
    _("Accepted: {kinds}; at most {largest} MB each."),
    kinds=lazy_kinds(),
    largest=MAX_MEGABYTES,
)
ANSWER_LIMITS = format_lazy(
    _("{limits} Only the deciding officials and your organ can open them; they are never published."),
    limits=FILE_LIMITS,
)


class ObjectionForm(forms.Form):
    """An objection from the public. Every fault is named at once, so that nobody is sent round twice."""

    kind = forms.ChoiceField(
        label=_("Who objects"), choices=Objector.Kind, initial=Objector.Kind.PERSON, widget=forms.RadioSelect
    )
    name = forms.CharField(
        label=_("Real name or name of the unit"), max_length=100, error_messages={"required": ANONYMOUS}
    )
    phone = forms.CharField(
        label=_("Phone"), max_length=40, required=False, help_text=_("Needed when a person objects.")
    )
    seal = CheckedFileField(label=_("Scan with the unit's seal"), required=False)
    grounds = forms.CharField(
        label=_("Grounds"),
        max_length=4000,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("What you object to and why. The organ reads these lines: do not write who you are here."),
    )
    files = MultipleCheckedFileField(label=_("Files (at most 5)"), required=False, help_text=LIMITS)

    def __init__(self, *args, anonymous: bool, **kwargs):
        super().__init__(*args, **kwargs)
        self.anonymous = anonymous
        self.fields["name"].required = not anonymous
        self.fields["seal"].help_text = _("Needed when a unit objects. %(limits)s") % {"limits": LIMITS}

    def clean(self):
        """Say all at once what the verb refuses one by one, at fields that have no fault of their own."""
        given = super().clean()
        words = {name: given.get(name, "") for name in ("kind", "name", "phone", "grounds")}
        faults = list(
            faults_in(anonymous=self.anonymous, **words, seal=given.get("seal"), files=given.get("files") or [])
        )
        for field, fault in faults:
            if field not in self.errors:
                self.add_error(field, fault)
        return given


class HearingForm(forms.Form):
    """What the organ says to the grounds."""

    text = forms.CharField(label=_("The organ's answer"), max_length=4000, widget=forms.Textarea({"rows": 8}))
    files = MultipleCheckedFileField(
        label=_("Files (at most 5)"),
        required=False,
        help_text=ANSWER_LIMITS,
    )

    def clean_files(self):
        """Name too many files at the field, before any of them is written."""
        if len(self.cleaned_data["files"]) > MAX_FILES:
            raise forms.ValidationError(_("At most %(number)s files can be added.") % {"number": MAX_FILES})
        return self.cleaned_data["files"]


class DecisionForm(forms.Form):
    """The decision on an objection, with its reason."""

    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[
            (Objection.State.UPHELD, _("Upheld: the organ is not recognised in this round")),
            (Objection.State.DISMISSED, _("Not upheld: the organ stays on the list")),
        ],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason of the decision"),
        max_length=4000,
        widget=forms.Textarea({"rows": 6}),
        help_text=_("It is published with the outcome. Leave out who objected."),
    )


class GiveBackForm(forms.Form):
    """Why a proposed decision is given back."""

    reason = forms.CharField(
        label=_("Why it is given back"),
        max_length=4000,
        widget=forms.Textarea({"rows": 4}),
        help_text=_("Deciding officials read it; it is not published."),
    )


class ReceiptForm(forms.Form):
    """A receipt number as people copy it from paper."""

    receipt = forms.CharField(label=_("Receipt number"), max_length=60)

    def clean_receipt(self) -> str:
        """Return the number as it is kept: capital letters and digits in three groups of four."""
        signs = "".join(sign for sign in self.cleaned_data["receipt"].upper() if sign.isascii() and sign.isalnum())
        return "-".join(signs[start : start + 4] for start in range(0, len(signs), 4))
