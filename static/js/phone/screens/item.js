// One item on the screen: what was found, with one thumb; every change is kept at once.

import { foundFor, isNumbered, offered, saidOf, words } from "../answers";
import { choice, field, h, icon } from "../dom";
import { about, keepAbout, standing } from "../records";
import { t } from "../texts";
import { pointsWords, rubricForm } from "./rubric";
import { strip } from "./strip";
import { isOpen, itemFacts, notHere, packOf, walk } from "./visit";

const SIGNS = { meets: "meets", partly: "partly", fails: "fails", unknown: "unknown" };

class Item {
  constructor(app, pack, item, row) {
    Object.assign(this, { app, pack, item });
    const now = standing(item, row);
    this.base = now.version;
    this.rating = { found: now.found, not_applicable: now.not_applicable, remark: now.remark, cannot_check: now.cannot_check };
    this.opened = isNumbered(item) || saidOf(item, this.rating) === "partly" ? "rubric" : "";
    if (this.rating.cannot_check) this.opened = "reason";
    this.rubric = h("div.rubric", {});
    this.reason = h("div", {});
    this.points = h("p.points-now", { role: "status" });
    this.saved = h("p.small-note.saved", { role: "status" });
    this.answers = h("div.answers", { role: "group", "aria-label": t("what_was_found") });
    this.last = Promise.resolve();
  }

  change(part) {
    Object.assign(this.rating, part);
    this.save();
    this.showAnswers();
  }

  /** Keeps what stands there now; one after the other, so that the last word is the last one kept. */
  save() {
    const { found, not_applicable, remark, cannot_check } = this.rating;
    const rating = { standard: this.pack.standard, found, not_applicable, remark, cannot_check: cannot_check.trim() };
    const complete = found !== null || not_applicable || rating.cannot_check !== "";
    this.last = this.last.then(async () => {
      try {
        const subject = this.item.code;
        const own = await about(this.app.store, this.pack.id, "rating", subject);
        const base = Math.max(this.base, own?.state === "landed" ? own.version || 0 : 0);
        const payload = { ...rating, base };
        await keepAbout(this.app.store, { visit: this.pack.id, kind: "rating", subject, payload, complete });
        const at = new Date().toTimeString().slice(0, 5);
        this.saved.textContent = t(complete ? "kept_at" : "kept_incomplete", { at });
      } catch (error) {
        this.saved.textContent = t("not_kept");
        throw error;
      }
    });
    return this.last;
  }

  say(said) {
    if (said === "unknown") {
      this.opened = "reason";
      this.change({ found: null, not_applicable: false });
    } else if (said === "partly") {
      this.opened = "rubric";
      // What is there in part is said in the form; until then nothing counts as found.
      const found = saidOf(this.item, this.rating) === "partly" ? this.rating.found : null;
      this.change({ found: isNumbered(this.item) ? this.rating.found : found, cannot_check: "", not_applicable: false });
    } else {
      this.opened = "";
      this.change({ found: foundFor(this.item, said), cannot_check: "", not_applicable: false });
    }
    this.showForm();
    if (this.opened) this[this.opened].querySelector("input, textarea")?.focus();
  }

  showAnswers() {
    const said = this.opened === "reason" ? "unknown" : saidOf(this.item, this.rating) || (this.opened === "rubric" && !isNumbered(this.item) ? "partly" : null);
    const buttons = offered(this.item).map((name) =>
      h("button.answer", { class: `answer answer-${name}`, type: "button", "aria-pressed": String(name === said), onclick: () => this.say(name) }, icon(SIGNS[name]), t(`said_${name}`)),
    );
    const focused = [...this.answers.children].indexOf(document.activeElement);
    this.answers.replaceChildren(...buttons);
    if (focused >= 0) this.answers.children[focused]?.focus();
    this.points.textContent = pointsWords(this.item, this.rating);
    this.points.hidden = !this.points.textContent;
  }

  showForm() {
    const form = this.opened === "rubric" || isNumbered(this.item) ? rubricForm(this.item, this.rating, (found) => this.found(found)) : null;
    this.rubric.replaceChildren(...(form ? [form] : []));
    this.reason.replaceChildren(...(this.opened === "reason" ? [this.reasonField()] : []));
    if (this.notApplicable) this.notApplicable.querySelector("input").checked = this.rating.not_applicable;
  }

  found(found) {
    if (this.opened === "reason") this.opened = isNumbered(this.item) ? "rubric" : "";
    this.change({ found, cannot_check: "", not_applicable: false });
    if (!this.reason.contains(document.activeElement)) this.reason.replaceChildren();
    if (this.notApplicable) this.notApplicable.querySelector("input").checked = false;
  }

  reasonField() {
    const text = h("textarea.form-control", {
      rows: 2,
      maxlength: 300,
      required: true,
      value: this.rating.cannot_check,
      oninput: () => this.change({ cannot_check: text.value }),
    });
    return field(t("reason_needed"), text, t("reason_help"));
  }

  notApplicableBox() {
    if (this.item.not_applicable === "not_allowed") return null;
    const onchange = (event) => {
      this.opened = isNumbered(this.item) ? "rubric" : "";
      this.change({ not_applicable: event.target.checked, cannot_check: "" });
      this.showForm();
    };
    this.notApplicable = choice("checkbox", "not_applicable", t(`na_${this.item.not_applicable}`), { checked: this.rating.not_applicable, onchange });
    return this.notApplicable;
  }

  remarkField() {
    const text = h("textarea.form-control", {
      rows: 2,
      maxlength: 4000,
      value: this.rating.remark,
      oninput: () => this.change({ remark: text.value }),
    });
    return field(t("remark"), text);
  }
}

function facts(item) {
  const warnings = (item.warnings || []).map((one) => h("p.alert.alert-warning", {}, one.text, " ", h("strong", {}, one.reason)));
  const last = (item.last_findings || []).map((one) => h("li", {}, [one.year, one.text, one.state].filter(Boolean).join(" · ")));
  const files = (item.evidence || []).map((one) => h("li", {}, h("a.phone-link", { href: one.url, target: "_blank", rel: "noopener" }, one.name)));
  return [
    item.gate && h("p.unmet", {}, t("gate")),
    item.published === false && h("p.small-note", {}, t("example_points")),
    warnings,
    last.length ? [h("h2", {}, t("last_findings")), h("ul", {}, last)] : null,
    item.evidence_text || files.length
      ? h("details.more", {}, h("summary", {}, t("evidence")), item.evidence_text && h("p", {}, item.evidence_text), files.length ? h("ul", {}, files) : h("p", {}, t("no_evidence")), files.length ? h("p.small-note", {}, t("evidence_online")) : null)
      : null,
  ];
}

async function findings(app, pack, item, open) {
  if (!pack.may_find) return null;
  const own = (await app.store.of("records", pack.id)).filter((row) => row.kind === "finding" && row.subject === item.code);
  const keys = new Set(own.map((row) => row.result).filter(Boolean));
  const theirs = (pack.findings || []).filter((one) => one.item === item.code && !keys.has(one.id));
  const where = `#/visit/${pack.id}/item/${encodeURIComponent(item.code)}/finding/`;
  return h(
    "section",
    {},
    h("h2", {}, t("findings")),
    h(
      "ul.task-list",
      {},
      own.map((row) => h("li", {}, h("a", { href: where + row.key }, h("span", {}, row.payload.text || t("finding_empty")), h("span.task-state", {}, t(row.waiting ? "state_phone" : "state_server"))))),
      theirs.map((one) => h("li", {}, h("span.task", {}, one.text, h("span.task-state", {}, one.state_label)))),
    ),
    open && h("p", {}, h("a.btn.btn-secondary", { href: `${where}new` }, t("add_finding"))),
  );
}

function way(pack, item) {
  const items = walk(pack);
  const at = items.indexOf(item);
  const to = (other) => `#/visit/${pack.id}/item/${encodeURIComponent(other.code)}`;
  const [before, after] = [items[at - 1], items[at + 1]];
  return h(
    "div.foot-row",
    {},
    h("a.btn.btn-secondary.narrow", { href: before ? to(before) : `#/visit/${pack.id}`, "aria-label": before ? t("before", { code: before.code }) : t("all_items") }, icon("back")),
    h("a.btn.btn-primary", { href: after ? to(after) : `#/visit/${pack.id}/finish` }, after ? t("next", { code: after.code }) : t("finish"), icon("next")),
  );
}

export async function item(app, { id, code }) {
  const pack = await packOf(app, id);
  const one = pack?.items.find((row) => row.code === code);
  if (!one) return notHere();
  const open = isOpen(app, pack);
  const screen = new Item(app, pack, one, await about(app.store, id, "rating", code));
  const wanted = (photo) => photo.item === code && !photo.finding;
  const photos = strip(app, { visit: id, item: code, wanted, editable: open });
  await photos.fill();
  screen.showAnswers();
  screen.showForm();
  const form = open
    ? [screen.rubric, screen.reason, screen.points, screen.notApplicableBox(), screen.saved, screen.remarkField()]
    : [h("p.points-now", {}, words(one, screen.rating)), screen.rating.remark && h("p", {}, screen.rating.remark)];
  return {
    title: `${one.code} ${one.name}`,
    back: `#/visit/${id}`,
    body: [h("p.item-facts.num", {}, pack.organ.name, " · ", itemFacts(pack, one)), h("h1", {}, `${one.code} ${one.name}`), facts(one), form, photos.element, await findings(app, pack, one, open)],
    foot: [open && screen.answers, way(pack, one)],
    changed: photos.fill,
    leave: () => screen.last,
  };
}
