"""Invented papers and photos: small real files that open, each saying that it is a demonstration."""

import io

from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image, ImageDraw

from creation.uploads import Checked, check

EVIDENCE = ("年度能耗统计报表.pdf", "节约制度汇编.pdf", "宣传培训记录.pdf")
_SHADES = {"before": ("#8a8f98", "#c0392b"), "after": ("#8a8f98", "#2e7d32")}


def paper(name: str, *lines: str) -> Checked:
    """Return a one-page PDF as a checked upload; the lines are plain ASCII, as the built-in fonts know no Chinese."""
    shown = ("DEMONSTRATION DATA - not an official document", *lines)
    text = "".join(f"({line}) Tj T* " for line in shown)
    stream = f"BT /F1 14 Tf 60 760 Td 22 TL {text}ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>",
        "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(stream)}>>stream\n{stream}\nendstream",
        "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, start=1):
        places.append(len(body))
        body += f"{number} 0 obj{content}endobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}"
    tail = f"trailer<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n"
    return check(SimpleUploadedFile(name, (body + end + tail).encode("ascii"), content_type="application/pdf"))


def photo(name: str, when: str, mark: int) -> Checked:
    """Return a drawn picture that stands for a photo before or after a repair; `mark` makes it one of its own."""
    ground, sign = _SHADES[when]
    image = Image.new("RGB", (640, 480), ground)
    draw = ImageDraw.Draw(image)
    draw.rectangle((120, 90, 520, 390), outline="white", width=6)
    draw.ellipse((270, 190, 370, 290), fill=sign)
    draw.text((20, 450), f"DEMONSTRATION {when} {mark}", fill="white")
    out = io.BytesIO()
    image.save(out, "JPEG", quality=70)
    return check(SimpleUploadedFile(name, out.getvalue(), content_type="image/jpeg"))
