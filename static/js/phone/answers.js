// Between a thumb and a rubric: what "meets", "partly", "does not" and "cannot check" mean for each method, and back.
// What was found has the shape that creation/rubrics.py reads; the points shown here are reckoned anew by the server.

import { t } from "./texts";

const NUMBERED = new Set(["additive", "deductive", "banded"]);

function places(levels) {
  const points = levels.map((level) => Number(level.points));
  return { best: points.indexOf(Math.max(...points)), worst: points.lastIndexOf(Math.min(...points)) };
}

/** Which of the four answers an item offers. A measured or added-up number is typed, it is not a matter of a thumb. */
export function offered(item) {
  const { method } = item.rubric;
  if (method === "gate") return ["meets", "fails", "unknown"];
  if (method === "deductive") return ["meets", "partly", "unknown"];
  if (NUMBERED.has(method)) return ["unknown"];
  const steps = item.rubric.levels?.length - 1 || item.rubric.parts?.length;
  if (steps < 2) return ["meets", "fails", "unknown"];
  return ["meets", "partly", "fails", "unknown"];
}

/** What is found when a thumb says `meets` or `fails`. */
export function foundFor(item, said) {
  const { method, parts, levels } = item.rubric;
  const met = said === "meets";
  if (method === "gate") return { met };
  if (method === "checklist") return { present: met ? parts.map((_, place) => place) : [] };
  if (method === "levels") return { level: met ? places(levels).best : places(levels).worst };
  return { count: 0 };
}

/** Which of the four answers stands, null where none does. */
export function saidOf(item, { found, cannot_check: reason, not_applicable: out }) {
  if (reason) return "unknown";
  if (out || !found) return null;
  const { method, parts, levels } = item.rubric;
  if (method === "gate") return found.met ? "meets" : "fails";
  if (method === "checklist") {
    if (!found.present.length) return "fails";
    return found.present.length === parts.length ? "meets" : "partly";
  }
  if (method === "levels") {
    const { best, worst } = places(levels);
    if (found.level === best) return "meets";
    return found.level === worst ? "fails" : "partly";
  }
  if (method === "deductive") return found.count === 0 ? "meets" : "partly";
  return null;
}

export function isNumbered(item) {
  return NUMBERED.has(item.rubric.method);
}

/** What was typed into the number's field as found, null for nothing, undefined for what is no such number. */
export function foundTyped(item, text) {
  const typed = text.trim().replace(/[０-９．]/g, (sign) => String.fromCharCode(sign.charCodeAt(0) - 0xfee0));
  if (typed === "") return null;
  if (item.rubric.method === "banded") {
    return /^\d{1,9}(\.\d{1,12})?$/.test(typed) ? { value: typed } : undefined;
  }
  return /^\d{1,9}$/.test(typed) ? { count: Number(typed) } : undefined;
}

export function typedOf(rating) {
  const found = rating.found || {};
  return String(found.count ?? found.value ?? "");
}

/** The points that the rubric gives, as a short number; null where nothing was found yet. */
export function pointsOf(item, { found, not_applicable: out }) {
  const full = Number(item.points);
  if (out) return item.not_applicable === "full" ? short(full) : null;
  if (!found) return null;
  const { method, parts, levels, each, bands } = item.rubric;
  const sum = {
    gate: () => (found.met ? full : 0),
    checklist: () => found.present.reduce((all, place) => all + Number(parts[place].points), 0),
    levels: () => Number(levels[found.level].points),
    additive: () => found.count * Number(each),
    deductive: () => full - found.count * Number(each),
    banded: () => Number(bands.find((band) => Number(found.value) >= Number(band.at_least))?.points ?? 0),
  }[method]();
  return short(Math.min(full, Math.max(0, sum)));
}

export function pointsText(number) {
  const n = short(number);
  return t(n === "1" ? "point" : "points", { n });
}

export function short(number) {
  return String(Math.round(Number(number) * 100) / 100);
}

/** In a few words what stands at an item. */
export function words(item, rating) {
  if (rating.cannot_check) return t("said_unknown");
  if (rating.not_applicable) return t("not_applicable");
  if (!rating.found) return t("not_rated");
  const said = saidOf(item, rating);
  if (said && item.rubric.method !== "deductive") return t(`said_${said}`);
  return `${item.rubric.label}: ${typedOf(rating)}${item.rubric.unit || ""}`;
}
