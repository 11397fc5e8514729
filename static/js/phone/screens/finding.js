// A problem found at an item. It goes once it is closed, not while somebody is still writing it.

import { button, choice, field, h } from "../dom";
import { newKey } from "../keys";
import { discard, keep } from "../records";
import { wordsFor } from "../state";
import { t } from "../texts";
import { strip } from "./strip";
import { isOpen, notHere, packOf } from "./visit";

const KINDS = ["on_the_spot", "by_deadline"];
const whole = ({ text, kind, due_on: due }) => text.trim() !== "" && KINDS.includes(kind) && (kind !== "by_deadline" || !!due);

function shown(row, title, back, photos) {
  const { text, kind, due_on: due } = row.payload;
  return {
    title,
    back,
    changed: photos.fill,
    body: [h("h1", {}, title), h("p", {}, text), h("p.num", {}, [t(`kind_${kind}`), due].filter(Boolean).join(" · ")), h("p", {}, wordsFor(row)), photos.element],
  };
}

class Finding {
  constructor(app, pack, code, key, payload) {
    Object.assign(this, { app, pack, code, key, payload });
    this.last = Promise.resolve();
    this.saved = h("p.small-note", { role: "status" });
    this.due = h("div", { hidden: payload.kind !== "by_deadline" }, this.dueField());
  }

  save(closed = false) {
    const payload = { ...this.payload, text: this.payload.text.trim(), due_on: this.payload.kind === "by_deadline" ? this.payload.due_on : null };
    const empty = !payload.text && !payload.kind;
    this.last = this.last.then(async () => {
      if (empty) return;
      const given = { key: this.key, visit: this.pack.id, kind: "finding", subject: this.code };
      await keep(this.app.store, { ...given, payload, complete: closed && whole(payload) });
      this.saved.textContent = t("kept_at", { at: new Date().toTimeString().slice(0, 5) });
    });
    return this.last;
  }

  dueField() {
    const today = (this.app.packs?.now || new Date().toISOString()).slice(0, 10);
    const input = h("input.form-control", { type: "date", min: today, value: this.payload.due_on || "", onchange: () => {
      this.payload.due_on = input.value || null;
      this.save();
    } });
    return field(t("due_on"), input);
  }

  fields() {
    const text = h("textarea.form-control", { rows: 4, maxlength: 2000, required: true, value: this.payload.text, oninput: () => {
      this.payload.text = text.value;
      this.save();
    } });
    const kinds = KINDS.map((kind) => choice("radio", "kind", t(`kind_${kind}`), { checked: this.payload.kind === kind, onchange: () => {
      this.payload.kind = kind;
      this.due.hidden = kind !== "by_deadline";
      this.save();
    } }));
    return [field(t("finding_text"), text), h("fieldset", {}, h("legend", {}, t("finding_kind")), kinds), this.due, this.saved];
  }

  /** What is still missing, as sentences. */
  faults() {
    const found = [];
    if (!this.payload.text.trim()) found.push(t("finding_needs_text"));
    if (!KINDS.includes(this.payload.kind)) found.push(t("finding_needs_kind"));
    if (this.payload.kind === "by_deadline" && !this.payload.due_on) found.push(t("finding_needs_date"));
    return found;
  }
}

export async function finding(app, { id, code, key }) {
  const pack = await packOf(app, id);
  if (!pack?.items.some((one) => one.code === code) || !pack.may_find) return notHere();
  if (key === "new") {
    app.replace(`#/visit/${id}/item/${encodeURIComponent(code)}/finding/${newKey()}`);
    return null;
  }
  const back = `#/visit/${id}/item/${encodeURIComponent(code)}`;
  const row = await app.store.get("records", key);
  const title = t("finding_at", { code });
  const open = isOpen(app, pack) && !row?.frozen;
  const photos = strip(app, { visit: id, item: code, finding: key, wanted: (photo) => photo.finding === key, editable: open });
  await photos.fill();
  if (!open && row) return shown(row, title, back, photos);
  if (!open) return notHere();
  // Somebody who opens it may write on: it does not go while it is open. What went a moment ago is only shown.
  const opened = row && (await keep(app.store, { key, visit: id, kind: "finding", subject: code, payload: row.payload, complete: false }));
  if (opened?.frozen) return shown(opened, title, back, photos);
  const screen = new Finding(app, pack, code, key, { text: "", kind: "", due_on: null, ...row?.payload, standard: pack.standard });
  const faults = h("div", { role: "alert" });
  const done = button(t("finding_done"), async () => {
    const found = screen.faults();
    faults.replaceChildren(...found.map((text) => h("p.invalid-feedback", {}, text)));
    if (!found.length) app.go(back);
  }, { kind: "btn-primary" });
  const away = button(t("finding_discard"), async () => {
    screen.payload = { text: "", kind: "", due_on: null };
    await screen.last;
    for (const photo of await app.store.of("photos", id)) {
      if (photo.finding === key && !photo.announced) await app.store.change("photos", photo.key, () => null);
    }
    await discard(app.store, key);
    app.go(back);
  }, { kind: "btn-danger" });
  return {
    title,
    back,
    changed: photos.fill,
    body: [h("h1", {}, title), faults, screen.fields(), photos.element, h("div.danger-zone", {}, away)],
    foot: [done],
    leave: () => screen.save(true),
  };
}
