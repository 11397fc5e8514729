"""The form that takes a file in."""

import hashlib

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation.uploads import clean_name

ENDINGS = (".csv", ".xlsx")


class ImportForm(forms.Form):
    """One file; what it holds is checked by the worker, row by row."""

    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy("CSV in UTF-8 or an Excel workbook (XLSX)."),
        widget=forms.ClearableFileInput(attrs={"accept": ",".join(ENDINGS)}),
    )

    def clean_file(self):
        """Return the file under a plain name; `sha256` stands beside it afterwards."""
        file = self.cleaned_data["file"]
        file.name = clean_name(file.name)
        if not file.name.lower().endswith(ENDINGS):
            raise ValidationError(_("Choose a CSV or XLSX file."))
        if file.size > settings.IMPORT_MAX_BYTES:
            limit = settings.IMPORT_MAX_BYTES // 1024 // 1024
            raise ValidationError(_("The file is too large: at most %(limit)s MB.") % {"limit": limit})
        digest = hashlib.sha256()
        for block in file.chunks():
            digest.update(block)
        file.seek(0)
        self.cleaned_data["sha256"] = digest.hexdigest()
        return file
