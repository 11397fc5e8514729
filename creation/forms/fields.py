"""Fields that forms on both sides share: files that come in checked, and numbers as people type them."""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.functional import lazy
from django.utils.text import format_lazy
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation import uploads
from creation.errors import Refused


@dataclass(frozen=True, slots=True)
class Sorted:
    """What became of several files: those that may be kept, and for each other one its name and what is wrong."""

    kept: list[uploads.Checked]
    faults: list[tuple[str, str]]


def sort_files(files: Iterable) -> Sorted:
    """Look at each file on its own and return what may be kept and what may not; one bad file spoils no other."""
    kept, faults = [], []
    for file in files:
        try:
            kept.append(uploads.check(file))
        except Refused as refused:
            faults.append((uploads.clean_name(file.name), str(refused.message)))
    return Sorted(kept, faults)


def _largest() -> int:
    return settings.UPLOAD_MAX_BYTES // 1024 // 1024


lazy_kinds, _lazy_largest = lazy(uploads.kinds_text, str), lazy(_largest, int)

# The limits are read before a file is chosen, not after.
LIMITS = format_lazy(
    gettext_lazy("Accepted: {kinds}; at most {largest} MB each."), kinds=lazy_kinds(), largest=_lazy_largest()
)
LIMITS_OF_MANY = format_lazy(
    gettext_lazy("Accepted: {kinds}; at most {largest} MB each, {files} files at once."),
    kinds=lazy_kinds(),
    largest=_lazy_largest(),
    files=settings.UPLOAD_MAX_FILES,
)


class CheckedFileField(forms.FileField):
    """One file, cleaned to a `creation.uploads.Checked` that the verbs take; what is wrong with it is said in words."""

    widget = forms.FileInput

    def __init__(self, **kwargs):
        kwargs.setdefault("help_text", LIMITS)
        super().__init__(allow_empty_file=True, **kwargs)  # an empty file is refused by its name, as the others are

    def widget_attrs(self, widget):
        """Return the attributes that let the browser offer the accepted kinds only."""
        return super().widget_attrs(widget) | {"accept": uploads.ACCEPT}

    def clean(self, data, initial=None):
        """Return the checked file, or None where none was brought and none is required."""
        file = super().clean(data, initial)
        if not file:
            return None
        try:
            return uploads.check(file)
        except Refused as refused:
            raise ValidationError(str(refused.message)) from refused


class MultipleFileInput(forms.FileInput):
    """A file input that takes several files at once."""

    allow_multiple_selected = True


class MultipleCheckedFileField(CheckedFileField):
    """Several files at once, cleaned to a list of `creation.uploads.Checked`; every fault is named by its file.

    With `partly=True` good files are not held up by bad ones: cleaned to `Sorted`, which has both.
    """

    widget = MultipleFileInput

    def __init__(self, *, partly: bool = False, **kwargs):
        kwargs.setdefault("help_text", LIMITS_OF_MANY)
        super().__init__(**kwargs)
        self.partly = partly

    def clean(self, data, initial=None):
        """Return the checked files (or `Sorted`); refused are more files than may come at once."""
        files = [file for file in (data if isinstance(data, list | tuple) else [data]) if file]
        if not files and self.required:
            raise ValidationError(_("Choose at least one file."), code="required")
        if len(files) > settings.UPLOAD_MAX_FILES:
            raise ValidationError(_("At most %(files)s files at once.") % {"files": settings.UPLOAD_MAX_FILES})
        result = sort_files(files)
        if self.partly:
            return result
        if result.faults:
            raise ValidationError([sentence for _name, sentence in result.faults])
        return result.kept


def plain_digits(text: str) -> str:
    """Return a number as typed on a Chinese keyboard in plain digits: full-width forms and spaces are taken away.

    `９２．５` and ` 92.5 ` are both `92.5`. What is no number stays what it is, so that the refusal shows it.
    """
    return "".join(unicodedata.normalize("NFKC", text).replace("。", ".").split())


class NumberAsTyped(forms.CharField):
    """A number kept as text in plain digits: an input of type number would drop full-width digits unseen."""

    def __init__(self, *, whole: bool, **kwargs):
        self.whole = whole
        kwargs.setdefault("max_length", 40)
        super().__init__(**kwargs)

    def widget_attrs(self, widget):
        """Return the attributes that bring up the keyboard of digits on a phone."""
        return super().widget_attrs(widget) | {
            "inputmode": "numeric" if self.whole else "decimal",
            "autocomplete": "off",
        }

    def to_python(self, value):
        """Return the text in plain digits."""
        return plain_digits(super().to_python(value))
