"""What is typed for a notice."""

from django import forms
from django.utils.translation import gettext_lazy as _

from creation.forms.shape import ShapeForm
from creation.models import Assessment, Cycle
from reviews.actions.notices import FIELDS
from reviews.models import Notice


class WordingForm(ShapeForm):
    """The wording of a notice and the office that receives objections."""

    class Meta:
        model = Notice
        fields = FIELDS
        widgets = {"basis": forms.Textarea({"rows": 3}), "process": forms.Textarea({"rows": 3})}
        help_texts = {"process": _("How the organs came onto this list; the public reads it first.")}


class DraftForm(WordingForm):
    """The wording together with the files that go onto the notice; whether they are cleared is asked by the verb."""

    files = forms.ModelMultipleChoiceField(
        queryset=None, label=_("Organs on the notice"), error_messages={"required": _("Choose at least one organ.")}
    )

    def __init__(self, *args, cycle: Cycle, **kwargs):
        super().__init__(*args, **kwargs)
        files = Assessment.objects.filter(cycle=cycle).select_related("organ__region")
        self.fields["files"].queryset = files.order_by("organ__region__position", "organ__credit_code")
