// Builds elements. Data only ever becomes text or an attribute, never markup.

const SVG = "http://www.w3.org/2000/svg";
// Outlines on a field of 24 × 24.
const ICONS = {
  meets: "M5 12.5l4.5 4.5L19 7.5",
  partly: "M5 12h14",
  fails: "M6.5 6.5l11 11M17.5 6.5l-11 11",
  unknown: "M9 9.2a3 3 0 1 1 4.6 2.6c-1 .7-1.6 1.2-1.6 2.4M12 17.6v.2",
  back: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  camera: "M4 8h3.5L9 5.5h6L16.5 8H20v11H4zM12 16.5a3.2 3.2 0 1 0 0-6.4 3.2 3.2 0 0 0 0 6.4z",
  place: "M12 21s6.5-6 6.5-11a6.5 6.5 0 1 0-13 0c0 5 6.5 11 6.5 11zM12 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4z",
  call: "M6 4h3.5l1.5 4-2 1.6a11 11 0 0 0 5.4 5.4L16 13l4 1.5V18c0 1.1-.9 2-2 2C10.8 20 4 13.2 4 6c0-1.1.9-2 2-2z",
  ready: "M12 4v10M8 10.5l4 4 4-4M5 19h14",
};

export function icon(name) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("class", "icon");
  svg.setAttribute("aria-hidden", "true");
  svg.setAttribute("focusable", "false");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  return svg;
}

function put(element, child) {
  if (Array.isArray(child)) for (const one of child) put(element, one);
  else if (child !== null && child !== undefined && child !== false) element.append(child);
}

/** h("p.note#state", {onclick, hidden: true}, "text", element, [more], null) */
export function h(what, given = {}, ...children) {
  const [, tag, rest] = /^([a-z0-9]+)(.*)$/.exec(what);
  const element = document.createElement(tag);
  for (const [, kind, name] of rest.matchAll(/([.#])([^.#]+)/g)) {
    if (kind === ".") element.classList.add(name);
    else element.id = name;
  }
  for (const [name, value] of Object.entries(given)) {
    if (value === null || value === undefined || value === false) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "value") element.value = value;
    else element.setAttribute(name, value === true ? "" : String(value));
  }
  put(element, children);
  return element;
}

export function button(text, onclick, { kind = "btn-secondary", sign = null, ...given } = {}) {
  return h(`button.btn.${kind}`, { type: "button", onclick, ...given }, sign && icon(sign), h("span", {}, text));
}

let fields = 0;

/** A label with its field and, where given, a sentence of help tied to it. */
export function field(label, control, help = "") {
  fields += 1;
  control.id ||= `field-${fields}`;
  const parts = [h("label.form-label", { for: control.id }, label), control];
  if (help) {
    control.setAttribute("aria-describedby", `${control.id}-help`);
    parts.push(h(`p.form-text`, { id: `${control.id}-help` }, help));
  }
  return h("div.field", {}, parts);
}

export function choice(type, name, label, { checked = false, onchange, value = "" } = {}) {
  fields += 1;
  const input = h("input.form-check-input", { type, name, id: `field-${fields}`, value, onchange });
  input.checked = checked;
  return h("div.choice", {}, input, h("label", { for: input.id }, label));
}
