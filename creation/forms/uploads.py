"""One small table that a person fills in and brings back: CSV or XLSX, looked at within the request."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from creation.uploads import clean_name, kinds_text

MAX_BYTES = 2 * 1024 * 1024


class TableForm(forms.Form):
    """One table; `endings` are those it may have. What it holds is read afterwards, cell by cell."""

    file = forms.FileField(label=gettext_lazy("File"), widget=forms.FileInput, allow_empty_file=True)

    def __init__(self, *args, endings: tuple[str, ...], **kwargs):
        super().__init__(*args, **kwargs)
        self.endings = endings
        self.fields["file"].widget.attrs["accept"] = ",".join(endings)
        self.fields["file"].help_text = _("Accepted: %(kinds)s; at most %(limit)s MB.") % {
            "kinds": kinds_text(endings),
            "limit": MAX_BYTES // 1024 // 1024,
        }

    def clean_file(self):
        """Return the file; refused for another kind and a size that such a table never has."""
        file = self.cleaned_data["file"]
        if not clean_name(file.name).lower().endswith(self.endings):
            raise ValidationError(_("Choose a file of this kind: %(kinds)s.") % {"kinds": kinds_text(self.endings)})
        if file.size > MAX_BYTES:
            raise ValidationError(_("The file is too large: at most %(limit)s MB.") % {"limit": MAX_BYTES // 1024**2})
        return file


@contextmanager
def on_disk(file) -> Iterator[Path]:
    """Let an uploaded file lie on the disk while it is read; nothing of it stays."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "table"
        with path.open("wb") as copy:
            for block in file.chunks():
                copy.write(block)
        yield path
