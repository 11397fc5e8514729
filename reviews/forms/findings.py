"""Forms of a finding: recording it, answering it, accepting or returning the answer."""

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from creation import uploads
from creation.forms.fields import MultipleCheckedFileField, lazy_kinds
from creation.models import Indicator
from reviews.models import Finding

PICTURES = ",".join(f".{extension}" for extension in sorted(uploads.IMAGES))
LIMITS_OF_PHOTOS = format_lazy(
    _("Accepted: {kinds}; at most {largest} MB each, {files} files at once."),
    kinds=lazy_kinds(sorted(uploads.IMAGES)),
    largest=settings.UPLOAD_MAX_BYTES // 1024 // 1024,
    files=settings.UPLOAD_MAX_FILES,
)


class PhotosField(MultipleCheckedFileField):
    """Photos: several pictures at once, and nothing that cannot be shown as one."""

    def __init__(self, **kwargs):
        super().__init__(**({"help_text": LIMITS_OF_PHOTOS} | kwargs))

    def widget_attrs(self, widget):
        """Return the attributes that let a phone offer its camera."""
        return super().widget_attrs(widget) | {"accept": PICTURES}

    def clean(self, data, initial=None):
        """Return the checked pictures; any other kind of file is named."""
        photos = super().clean(data, initial)
        faults = [photo.name for photo in photos if photo.display is None]
        if faults:
            raise ValidationError([_("“%(name)s” is not a picture.") % {"name": name} for name in faults])
        return photos


class FindingForm(forms.Form):
    """A problem found on a visit."""

    indicator = forms.ModelChoiceField(Indicator.objects.none(), label=_("Item"), to_field_name="code")
    text = forms.CharField(label=_("What was found"), max_length=2000, widget=forms.Textarea(attrs={"rows": 4}))
    kind = forms.ChoiceField(label=_("How it is put right"), choices=Finding.Kind, widget=forms.RadioSelect)
    due_on = forms.DateField(
        label=_("Deadline"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Only for what is fixed by a deadline."),
    )
    photos = PhotosField(label=_("Photos before the repair"), required=False)

    def __init__(self, indicators, data=None, files=None, *, initial=None):
        super().__init__(data, files, initial=initial)
        self.fields["indicator"].queryset = indicators
        self.fields["indicator"].label_from_instance = lambda indicator: f"{indicator.code} {indicator}"


class AnswerForm(forms.Form):
    """What the organ did about a finding."""

    text = forms.CharField(label=_("What was done"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    photos = PhotosField(label=_("Photos after the repair"), required=False)


class JudgeForm(forms.Form):
    """What an inspector says to the organ's answer."""

    text = forms.CharField(
        label=_("To the organ"),
        required=False,
        max_length=4000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Needed where the answer is not accepted: what is still missing."),
    )
