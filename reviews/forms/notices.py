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


class HandInForm(forms.Form):
    """When the notice is to be published: at an instant in Asia/Shanghai, or as soon as it is approved."""

    publish_at = forms.DateTimeField(
        label=_("Publish at (Beijing time)"),
        required=False,
        help_text=_("Empty: as soon as it is approved. Nobody outside can see anything of it before."),
        widget=forms.DateTimeInput({"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
    )


class GiveBackForm(forms.Form):
    """Why a handed-in notice is given back."""

    reason = forms.CharField(label=_("Reason"), max_length=1000, widget=forms.Textarea({"rows": 3}))
