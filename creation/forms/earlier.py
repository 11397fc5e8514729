"""The choice about last year's answer to one item."""

from django import forms
from django.utils.translation import gettext_lazy as _

STILL_TRUE, CHANGED, NO_LONGER, EVIDENCE = "still_true", "changed", "no_longer", "evidence"


class EarlierForm(forms.Form):
    """What the clerk says of last year's answer, having seen `version` of this year's; `page` is where it was said."""

    choice = forms.ChoiceField(
        choices=[
            (STILL_TRUE, _("Still true")),
            (CHANGED, _("Changed")),
            (NO_LONGER, _("No longer applies")),
            (EVIDENCE, _("Attach last year's evidence again")),
        ]
    )
    version = forms.IntegerField(min_value=0, max_value=2**31 - 1)
    page = forms.ChoiceField(choices=[("item", ""), ("list", "")], required=False)
