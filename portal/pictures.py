"""Pictures of the running portal: which ones the README shows, and how they are taken."""

import io
import os
import re
import shutil
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from pathlib import Path
from urllib.parse import urlsplit

from django.db.models import Count
from django.urls import Resolver404, resolve, reverse
from PIL import Image
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from creation import stages
from creation.models import Assessment, User
from reviews.demo.people import PASSWORD
from reviews.models import Inspection, Notice

CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
INSTALL = "Chromium is missing: apt-get install --no-install-recommends chromium fonts-wqy-microhei"
HEIGHTS = {1280: 900, 375: 800}
LOCALES = {"zh": "zh-CN", "en": "en-GB"}
LARGEST = 120_000  # bytes of one picture
SECONDS = 30
PRESSED = 1500  # milliseconds until what a button started has been done

# Those through whose eyes the whole portal is looked at; "" is the public.
MAIN_PEOPLE = (
    "", "clerk", "signatory", "clerk2", "signatory2", "official", "inspector", "registrar", "city-official",
    "city-inspector", "city-registrar", "city-viewer", "nation-official",
)  # fmt: skip
# Leaving and choosing a language are not pages.
NOT_FOLLOWED = {"logout", "language_set", "healthz"}
# On the phone's page: what brings a visit onto the device.
GET_READY = ".visit-card button"
LINK = re.compile(rb'<a\b[^>]*?\bhref="(/[^"#]*)')


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture for the README: its name, who looks, where (asked of the demonstration's rows), languages, widths.

    `press` names a button that is pressed first, on the page without its part behind the “#”.
    """

    name: str
    person: str
    address: Callable[[], str]
    languages: tuple[str, ...]
    widths: tuple[int, ...]
    press: str = ""

    def shots(self) -> list[tuple[str, str, int]]:
        """Return (file name, language, width) of every shot."""
        return [(f"{self.name}-{lang}-{width}.png", lang, width) for lang in self.languages for width in self.widths]


def _a_file(person: str, *at: str) -> Assessment:
    """Return the newest file at one of the stages that the person may see."""
    files = Assessment.objects.visible_to(User.objects.get(username=person))
    return files.filter(stage__in=at).latest("cycle__year", "pk")


def _file() -> str:
    return reverse("file_detail", args=[_a_file("official", stages.SUBMITTED).pk])


def _self_rating() -> str:
    return reverse("self_rating_detail", args=[_draft().pk])


def _item() -> str:
    return reverse("self_rating_item", args=[_draft().pk, "3.5"])


def _draft() -> Assessment:
    """Return the draft in which most has been answered."""
    mine = Assessment.objects.visible_to(User.objects.get(username="clerk2")).filter(stage=stages.DRAFT)
    return mine.annotate(answered=Count("answers")).latest("answered", "pk")


def _check() -> str:
    return reverse("self_rating_check", args=[_draft().pk])


def _visit() -> Inspection:
    """Return the newest visit that has been begun and not filed."""
    visits = Inspection.objects.filter(lead__username="inspector", filed_at=None, ratings__isnull=False).distinct()
    return visits.latest("pk")


def _inspection_item() -> str:
    return reverse("inspection_item", args=[_visit().pk, "3.4"])


def _phone(rest: str) -> str:
    """Return the address of a screen of the phone's page, which stands behind the “#”."""
    return f"{reverse('phone')}#/visit/{_visit().pk}{rest}"


def _notice() -> str:
    return reverse("notice_detail", args=[Notice.objects.filter(published_at__isnull=False).latest("published_at").pk])


PICTURES = (
    Picture("dashboard", "city-official", lambda: reverse("dashboard"), ("en",), (1280,)),
    Picture("file", "official", _file, ("en",), (1280,)),
    Picture("self-rating", "clerk2", _self_rating, ("zh",), (1280,)),
    Picture("notice", "", _notice, ("zh",), (1280,)),
    Picture("check", "clerk2", _check, ("zh",), (1280,)),
    Picture("last-year", "clerk2", _item, ("zh",), (1280,)),
    Picture("phone-visit", "inspector", lambda: _phone(""), ("zh",), (375,), GET_READY),
    Picture("phone-item", "inspector", lambda: _phone("/item/3.4"), ("zh",), (375,)),
    Picture("inspection-item", "inspector", _inspection_item, ("zh",), (375,)),
    Picture("item", "clerk2", _item, ("en",), (375,)),
    Picture("home", "city-official", lambda: reverse("home"), ("zh",), (375,)),
)


@contextmanager
def camera(address: str) -> Iterator["Camera"]:
    """Return a camera in front of the portal at `address`; the browser ends with the block."""
    root = ["--no-sandbox"] if os.geteuid() == 0 else []
    quiet = ["--disable-background-networking", "--disable-component-update", "--disable-sync", "--disable-gpu"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=root + quiet)
        yield Camera(browser, address)
        browser.close()


@dataclass
class Camera:
    """A browser in which each person stays signed in, in each language."""

    browser: Browser
    portal: str
    contexts: dict[tuple[str, str], BrowserContext] = field(default_factory=dict)

    def take(
        self, person: str, path: str, language: str, width: int, *, whole: bool = False, press: str = ""
    ) -> tuple[bytes, list]:
        """Return the picture of a page (`whole`: down to its foot) and what is wrong with it, in words.

        `press` names buttons that are pressed before, on the page without its part behind the “#”.
        """
        page = self._context(person, language).new_page()
        faults: list[str] = []
        page.on("console", lambda message: faults.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: faults.append(str(error)))
        page.set_viewport_size({"width": width, "height": HEIGHTS[width]})
        if press:
            self._press_all(page, path, press)
        response = page.goto(self.portal + path, wait_until="networkidle")
        # a step to another part of the same page asks nobody
        if response is not None and response.status != HTTPStatus.OK:
            faults.append(f"answered {response.status}")
        wide = page.evaluate("document.documentElement.scrollWidth")
        if wide > width:
            faults.append(f"{wide} pixels wide")
        shot = page.screenshot(full_page=whole, animations="disabled")
        page.close()
        return shot, faults

    def _press_all(self, page: Page, path: str, press: str) -> None:
        page.goto(self.portal + path.partition("#")[0], wait_until="networkidle")
        page.wait_for_selector(press)
        while page.locator(press).count():
            page.locator(press).first.click()
            page.wait_for_timeout(PRESSED)
        page.wait_for_load_state("networkidle")

    def pages_of(self, person: str) -> dict[str, str]:
        """Return {name of the address: path} of every kind of page that the person reaches by links from home."""
        context = self._context(person, "en")
        found: dict[str, str] = {}
        passed_by = NOT_FOLLOWED | ({"login"} if person else set())
        waiting = deque([reverse("home")])
        while waiting:
            path = waiting.popleft()
            name = _name_of(path)
            if name is None or name in found or name in passed_by:
                continue
            answer = context.request.get(self.portal + path)
            if not answer.headers.get("content-type", "").startswith("text/html"):
                continue
            found[name] = path
            waiting.extend(link.decode().replace("&amp;", "&") for link in LINK.findall(answer.body()))
        return found

    def _context(self, person: str, language: str) -> BrowserContext:
        if (person, language) not in self.contexts:
            context = self.browser.new_context(locale=LOCALES[language], base_url=self.portal)
            context.set_default_timeout(SECONDS * 1000)
            if person:
                _sign_in(context.new_page(), person)
            self.contexts[person, language] = context
        return self.contexts[person, language]


def _sign_in(page: Page, person: str) -> None:
    page.goto(reverse("login"))
    page.fill("[name=username]", person)
    page.fill("[name=password]", PASSWORD)
    page.press("[name=password]", "Enter")
    page.wait_for_url(lambda url: urlsplit(url).path != reverse("login"))
    page.close()


def _name_of(path: str) -> str | None:
    try:
        return resolve(urlsplit(path).path).url_name
    except Resolver404:
        return None


def small(shot: bytes) -> bytes:
    """Return a picture with as many colours of its own as fit into the size that a README should carry."""
    picture = Image.open(io.BytesIO(shot)).convert("RGB")
    for colours in (256, 128, 64, 32, 16):
        out = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(out, "PNG", optimize=True)
        if out.tell() <= LARGEST:
            break
    return out.getvalue()


def chromium_is_there() -> bool:
    """Tell whether the browser stands where Debian puts it."""
    return Path(CHROMIUM).exists()
