// A signature, drawn: an inspector's, or that of the organ's representative, who may disagree and write why.

import { button, choice, field, h } from "../dom";
import { Pad } from "../drawing";
import { about, keepAbout } from "../records";
import { t } from "../texts";
import { notHere, packOf } from "./visit";

const SIZE = [1000, 400];
const MOST_POINTS = 4000;

function padFor(changed) {
  const canvas = h("canvas.sign-pad", { tabindex: 0, role: "img", "aria-label": t("sign_pad") });
  const ink = getComputedStyle(document.body).getPropertyValue("--ink").trim();
  const ground = getComputedStyle(document.body).getPropertyValue("--surface").trim();
  const paint = (context) => {
    context.fillStyle = ground;
    context.fillRect(0, 0, ...SIZE);
    context.fillStyle = ink;
    context.fillRect(60, 320, 880, 2);
  };
  return new Pad(canvas, { size: SIZE, line: 6, colours: [ink], paint, changed });
}

/** The strokes as they are kept: no more points than a signature needs. */
function strokesOf(pad) {
  const strokes = pad.marks.map((mark) => mark.points).filter((points) => points.length > 1);
  const all = strokes.reduce((sum, points) => sum + points.length, 0);
  const every = Math.max(1, Math.ceil(all / MOST_POINTS));
  return strokes.map((points) => points.filter((_, place) => place % every === 0 || place === points.length - 1));
}

function representative(given) {
  const inputs = {
    name: h("input.form-control", { type: "text", maxlength: 80, required: true, autocomplete: "off" }),
    position: h("input.form-control", { type: "text", maxlength: 80, required: true, autocomplete: "off" }),
    statement: h("textarea.form-control", { rows: 3, maxlength: 2000 }),
  };
  for (const [name, input] of Object.entries(inputs)) {
    input.value = given[name] || "";
    input.addEventListener("input", () => (given[name] = input.value.trim()));
  }
  const why = h("div", { hidden: !given.disagrees }, field(t("why_disagree"), inputs.statement));
  const disagree = choice("checkbox", "disagrees", t("disagree"), { checked: given.disagrees, onchange: (event) => {
    given.disagrees = event.target.checked;
    why.hidden = !given.disagrees;
  } });
  return [field(t("person_name"), inputs.name), field(t("position"), inputs.position), disagree, why];
}

function faultsOf(side, given, strokes) {
  const found = [];
  if (!strokes.length) found.push(t("sign_needs_strokes"));
  if (side === "organ" && !given.name) found.push(t("sign_needs_name"));
  if (side === "organ" && !given.position) found.push(t("sign_needs_position"));
  if (given.disagrees && !given.statement) found.push(t("sign_needs_reason"));
  return found;
}

export async function sign(app, { id, who }) {
  const pack = await packOf(app, id);
  const [side, user] = who.split("-");
  const member = pack?.members.find((one) => one.id === Number(user));
  if (!pack || (side === "inspector" ? !member : side !== "organ")) return notHere();
  const title = side === "organ" ? t("sign_organ") : t("sign_inspector", { name: member.name });
  const back = `#/visit/${id}/finish`;
  const earlier = await about(app.store, id, "signature", who);
  const given = { name: member?.name || "", position: "", disagrees: false, statement: "" };
  if (side === "organ" && earlier) for (const name of Object.keys(given)) given[name] = earlier.payload[name];
  const pad = padFor(() => {});
  const faults = h("div", { role: "alert" });
  const done = button(t("sign_done"), async () => {
    const strokes = strokesOf(pad);
    const found = faultsOf(side, given, strokes);
    faults.replaceChildren(...found.map((text) => h("p.invalid-feedback", {}, text)));
    if (found.length) return;
    const signed = { side, user: member?.id ?? null, strokes, signed_at: new Date().toISOString() };
    const statement = given.disagrees ? given.statement : "";
    const payload = { ...signed, ...given, statement };
    await keepAbout(app.store, { visit: pack.id, kind: "signature", subject: who, payload, complete: true });
    app.go(back);
  }, { kind: "btn-primary" });
  return {
    title,
    back,
    body: [
      h("h1", {}, title),
      h("p", {}, t("sign_what", { organ: pack.organ.name, date: pack.visit_on })),
      faults,
      side === "organ" && representative(given),
      pad.canvas,
      h("p.form-text", {}, t("pad_keys")),
      h("div.photo-buttons", {}, button(t("undo"), () => pad.undo()), button(t("clear"), () => pad.clear())),
    ],
    foot: [done],
  };
}
