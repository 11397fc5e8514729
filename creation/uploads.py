"""What may come in as a file: by its content, not by its name; pictures are encoded anew for display."""

import hashlib
import io
import warnings
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import PurePath

import filetype
from django.conf import settings
from django.utils.translation import gettext as _
from PIL import Image, ImageOps

from creation.errors import Refused

# extension → the content types that its content may turn out to be
ALLOWED: dict[str, tuple[str, ...]] = {
    "pdf": ("application/pdf",),
    "jpg": ("image/jpeg",),
    "jpeg": ("image/jpeg",),
    "png": ("image/png",),
    "webp": ("image/webp",),
    "docx": ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",),
    "xlsx": ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",),
}
OFFICE_PARTS = {"docx": "word/document.xml", "xlsx": "xl/workbook.xml"}
IMAGES = frozenset({"jpg", "jpeg", "png", "webp"})
ACCEPT = ",".join(f".{extension}" for extension in ALLOWED)

MAX_PIXELS = 50_000_000
MAX_INFLATED = 200 * 1024 * 1024
DISPLAY_SIDE = 1600
NAME_WIDTH = 200  # the column of the name


def kinds_text(endings: Iterable[str] = tuple(ALLOWED)) -> str:
    """Return kinds of files as people read them, in the reader's language: PDF, JPG, PNG."""
    return _(", ").join(ending.lstrip(".").upper() for ending in endings)


@dataclass(frozen=True, slots=True)
class Checked:
    """A file that may be kept: its cleaned name, type, content, hash and, for a picture, its re-encoded form.

    All of it is worked out when the file is checked, so that nothing is hashed or decoded inside a transaction.
    """

    name: str
    content_type: str
    content: bytes
    display: bytes | None
    sha256: str

    @property
    def size(self) -> int:
        """Return the size in bytes."""
        return len(self.content)


def check(file) -> Checked:
    """Return the uploaded file if it may be kept; `Refused` says in words what is wrong and what would do.

    A file that has been checked before (by a form, outside the transaction) is returned as it is.
    """
    if isinstance(file, Checked):
        return file
    name = clean_name(file.name)
    extension = PurePath(name).suffix.lower().lstrip(".")
    if extension not in ALLOWED:
        raise Refused(
            _("“%(name)s” is not of an accepted kind. Accepted: %(kinds)s.") % {"name": name, "kinds": kinds_text()}
        )
    if file.size > settings.UPLOAD_MAX_BYTES:
        raise Refused(
            _("“%(name)s” is too large: at most %(limit)s MB.")
            % {"name": name, "limit": settings.UPLOAD_MAX_BYTES // 1024 // 1024}
        )
    content = file.read(settings.UPLOAD_MAX_BYTES + 1)
    if not content:
        raise Refused(_("“%(name)s” is empty.") % {"name": name})
    if not _is_what_it_says(content, extension):
        raise Refused(
            _("“%(name)s” is not what its name says. Save it again as %(kind)s.")
            % {"name": name, "kind": extension.upper()}
        )
    display = _encode_anew(content, name) if extension in IMAGES else None
    return Checked(name, ALLOWED[extension][0], content, display, hashlib.sha256(content).hexdigest())


def clean_name(name: str) -> str:
    """Return the last part of a file name without control characters, at most 200 characters, keeping its ending."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    shown = "".join(char for char in last if char.isprintable()).strip() or "file"
    path = PurePath(shown)
    return shown if len(shown) <= NAME_WIDTH else path.stem[: NAME_WIDTH - len(path.suffix)] + path.suffix[-20:]


def _is_what_it_says(content: bytes, extension: str) -> bool:
    if extension in OFFICE_PARTS:
        return _is_office(content, OFFICE_PARTS[extension])
    kind = filetype.guess(content)
    return kind is not None and kind.mime in ALLOWED[extension]


def _is_office(content: bytes, part: str) -> bool:
    """Tell whether the content is a zip with the format's own part, no macros, and not a bomb."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = archive.namelist()
            return (
                part in names
                and not any("vbaproject" in name.lower() for name in names)
                and _inflates_within(archive, MAX_INFLATED)
            )
    # a damaged, encrypted or oddly packed archive is none of the formats that are accepted
    except (zipfile.BadZipFile, zlib.error, RuntimeError, OSError, EOFError, ValueError):
        return False


def _inflates_within(archive: zipfile.ZipFile, limit: int) -> bool:
    """Tell whether everything inside stays within `limit` bytes; counted while inflating, as a header may lie."""
    if sum(info.file_size for info in archive.infolist()) > limit:
        return False
    left = limit
    for info in archive.infolist():
        with archive.open(info) as member:
            while chunk := member.read(1024 * 1024):
                left -= len(chunk)
                if left < 0:
                    return False
    return True


def _encode_anew(content: bytes, name: str) -> bytes:
    """Return the picture as a fresh JPEG: nothing but its pixels survives (no script, no place, no second format)."""
    try:
        shown = _pixels(content)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise Refused(_("“%(name)s” has too many pixels.") % {"name": name}) from error
    except Exception as error:  # the readers raise whatever a broken file leads them to, also TypeError
        raise Refused(_("“%(name)s” cannot be read as a picture.") % {"name": name}) from error
    shown.thumbnail((DISPLAY_SIDE, DISPLAY_SIDE))
    out = io.BytesIO()
    shown.save(out, "JPEG", quality=82, optimize=True)
    return out.getvalue()


def _pixels(content: bytes) -> Image.Image:
    """Return the picture upright in plain colours; its size is looked at before anything is decoded."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # damaged notes inside a picture do not matter, they are left behind
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        with Image.open(io.BytesIO(content), formats=("JPEG", "PNG", "WEBP")) as image:
            if image.width * image.height > MAX_PIXELS:
                raise Image.DecompressionBombError
            image.load()
            return ImageOps.exif_transpose(image).convert("RGB")
