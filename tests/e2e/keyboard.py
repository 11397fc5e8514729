"""A person at the keyboard alone: at each stop it is noted whether the focus can be seen, and where it went."""

import re
from dataclasses import dataclass, field

from playwright.sync_api import expect

from tests.e2e.conftest import Desk

MOST = 150  # stops from one place to another of the same page
SKIP = "Skip to the content"

# What has the focus: its name, whether it can be seen and is marked, whether it follows the stop before on the page.
WATCH = """() => {
  const shown = (at) => [...at.getClientRects()].find((box) => box.width > 2 && box.height > 2);
  const covered = (at, box) => {
    const over = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
    const own = [at, ...(at.labels || [])];
    return !over || !(over.contains(at) || own.some((one) => one.contains(over)));
  };
  const unseen = (at) => {
    const box = shown(at);
    return !box ? "has no place on the page" : covered(at, box) ? "lies under something or outside the window" : "";
  };
  window.unseen = () => unseen(document.activeElement);
  window.focused = () => {
    const at = document.activeElement;
    const before = window.focusedBefore;
    window.focusedBefore = at === document.body ? null : at;
    if (!at || at === document.body) return null;
    const first = at.matches(".skip-link");  // after the last stop comes the first
    const style = getComputedStyle(at);
    const labels = [...(at.labels || [])].map((label) => label.textContent);
    const name = at.getAttribute("aria-label") || labels.join(" ") || at.textContent || at.value || "";
    return {
      name: name.replace(/\\s+/g, " ").trim(),
      kind: at.type && at.matches("input, select, textarea") ? at.type : at.localName,
      id: at.id,
      hidden: unseen(at),
      marked: style.outlineStyle !== "none" && parseFloat(style.outlineWidth) >= 2,
      isMain: at.id === "main",
      isFirst: first,
      jumps: at.tabIndex > 0,
      follows: !before || !before.isConnected || before === at || first ? null
        : Boolean(before.compareDocumentPosition(at) & Node.DOCUMENT_POSITION_FOLLOWING),
      stays: before === at,
    };
  };
}"""

# What a keyboard has to reach: everything that a mouse can use, a group of radio buttons counting as one.
REACHABLE = """() => {
  const shown = (at) => at.checkVisibility({visibilityProperty: true}) && at.getClientRects().length;
  const groups = new Set();
  const all = document.querySelectorAll("a[href], button, input, select, textarea, summary, [onclick], [role=button]");
  return [...all].filter((at) => {
    if (at.disabled || at.type === "hidden" || !shown(at) || at.getAttribute("aria-hidden") === "true") return false;
    if (at.type !== "radio") return true;
    const group = `${at.form?.id} ${at.name}`;
    return !groups.has(group) && groups.add(group);
  }).length;
}"""


@dataclass
class Keyboard:
    """A desk whose person touches no mouse; `faults` collects what was wrong at a stop."""

    seat: Desk
    faults: list[str] = field(default_factory=list)

    def __post_init__(self):
        self.seat.page.add_init_script(f"({WATCH})()")
        # who listens from the start gets the chooser; told to listen with the key, the browser may be late
        self.seat.page.on("filechooser", lambda _chooser: None)

    @property
    def page(self):
        return self.seat.page

    def now(self):
        """Return what has the focus, None when nothing has, and note what is wrong with it."""
        stop = self.page.evaluate("window.focused()")
        if stop and not stop["isMain"]:  # the skip link leads there: a place to go on from, no control
            hidden = stop["hidden"] and self._unseen_at_rest()
            wrong = [hidden, "" if stop["marked"] else "has no mark", "tabindex > 0" if stop["jumps"] else ""]
            self.faults += [f"{self.seat.heading}: {stop['kind']} “{stop['name']}” {each}" for each in wrong if each]
        return stop

    def _unseen_at_rest(self):
        """Return why the focus cannot be seen once the page has come to rest: it may still be drawn or scrolled."""
        why = ""
        for _look in range(10):
            self.page.wait_for_timeout(100)
            why = self.page.evaluate("window.unseen()")
            if not why:
                break
        return why

    def tab(self, *, back=False):
        """Go one stop on (or back), and return it; None is the end of the page."""
        self.page.keyboard.press("Shift+Tab" if back else "Tab")
        stop = self.now()
        if stop and stop["stays"]:
            self.faults.append(f"{self.seat.heading}: “{stop['name']}” keeps the focus")
        if stop and stop["follows"] is back:
            self.faults.append(f"{self.seat.heading}: “{stop['name']}” comes out of its order")
        return stop

    def to(self, name, kind="", *, back=False):
        """Go on stop by stop until the control of this name (a text it begins with, or a pattern), and return it."""
        asked = name if isinstance(name, re.Pattern) else re.compile(rf"^{re.escape(name)}")
        seen = []
        for _stop in range(MOST):
            stop = self.tab(back=back)
            if stop is None:
                continue  # the end of the page; the next stop is its first
            if asked.search(stop["name"]) and kind in {"", stop["kind"]}:
                return stop
            seen.append(stop["name"])
        raise AssertionError(f"no stop “{asked.pattern}” on “{self.seat.heading}”, only {seen}")

    def skip(self):
        """Go past the header by the skip link, the first stop of a page unless one comes to a place on it."""
        if self.page.evaluate("location.hash"):
            return self
        stop = self.tab()
        assert stop, f"the keyboard finds nothing on “{self.seat.heading}”"
        assert stop["name"] == SKIP, f"“{stop['name']}” comes before the skip link on “{self.seat.heading}”"
        self.page.keyboard.press("Enter")
        assert self.page.evaluate("document.activeElement.id") == "main"
        return self

    def press(self, name, heading, *, key="Enter", **where):
        """Go to the link or button of this name, press it, and wait for the page with this heading."""
        self.to(name, **where)
        return self.enter(heading, key=key)

    def enter(self, heading, *, key="Enter"):
        """Press what has the focus, and wait for the next page, which has this heading."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)
        self.seat.at(heading)
        return self

    def key(self, *keys):
        """Press keys on this page; something must have the focus afterwards, and it is returned."""
        for each in keys:
            self.page.keyboard.press(each)
        return self.held()

    def held(self):
        """Return what has the focus; it was not lost to the page as a whole."""
        stop = self.now()
        assert stop, f"the focus was lost on “{self.seat.heading}”"
        return stop

    def type(self, text):
        """Write where the focus is."""
        self.page.keyboard.type(text)
        return self.held()

    def says(self, text):
        expect(self.seat.main).to_contain_text(text)
        return self

    def walk_round(self):
        """Go once through the whole page from its first stop, note what no stop reaches, and begin anew."""
        stop = self.tab()
        for _stop in range(MOST):
            if stop and stop["isFirst"]:
                break
            stop = self.tab()
        reached = 0
        while stop and not (reached and stop["isFirst"]):
            reached += 1
            assert reached < MOST, f"no end of “{self.seat.heading}”"
            stop = self.tab()
        there = self.page.evaluate(REACHABLE)
        if reached != there:
            self.faults.append(f"{self.seat.heading}: {reached} stops for {there} controls")
        self.page.reload()
        return self
