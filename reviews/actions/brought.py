"""Files that come with an objection lie on the disk before the transaction that keeps them begins.

Their names there tell nothing. What a killed request leaves behind goes with the nightly `erasing.erase_due`.
"""

import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath

from django.core.files.base import ContentFile
from django.core.files.storage import default_storage

from creation import uploads
from reviews.models import ObjectionFile, Objector


@dataclass(frozen=True, slots=True)
class Laid:
    """A checked file that lies on the disk already, and where."""

    checked: uploads.Checked
    path: str

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return self.checked.size


@contextmanager
def laid_down(seal, files: Iterable) -> Iterator[tuple[Laid | None, list[Laid]]]:
    """Write a seal (or none) and files to the disk ahead of the transaction of `object_to`, and yield them for it.

    What lies there already is yielded as it is. What no row speaks of afterwards, as the objection was refused or had
    come in before, is taken from the disk again. Refused as `uploads.check` does, before anything is written.
    """
    checked = [file if not file or isinstance(file, Laid) else uploads.check(file) for file in (seal or None, *files)]
    written: list[Laid] = []
    try:
        first, *others = [_lay(file, written) for file in checked]
        yield first, others
    finally:
        _take_away(written)


def _lay(file, written: list[Laid]) -> Laid | None:
    if not isinstance(file, uploads.Checked):
        return file
    name = f"{secrets.token_hex(16)}{PurePath(file.name).suffix.lower()}"
    folder = ObjectionFile.file.field.generate_filename(None, name)
    written.append(Laid(file, default_storage.save(folder, ContentFile(file.content))))
    return written[-1]


def _take_away(written: list[Laid]) -> None:
    """Take from the disk what no row will ever speak of."""
    paths = {one.path for one in written}
    if not paths:
        return  # most objections bring nothing, and then nothing is asked
    kept = {
        *ObjectionFile.objects.filter(file__in=paths).values_list("file", flat=True),
        *Objector.objects.filter(seal__in=paths).values_list("seal", flat=True),
    }
    for path in paths - kept:
        default_storage.delete(path)
