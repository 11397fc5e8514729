// The rubric's own form: parts, levels, a count or a measured value.

import { foundTyped, isNumbered, pointsOf, pointsText, short, typedOf } from "../answers";
import { choice, field, h } from "../dom";
import { t } from "../texts";

const withPoints = (label, points) => `${label} · ${pointsText(points)}`;

function checklist(item, rating, changed) {
  const chosen = new Set(rating.found?.present || []);
  const boxes = item.rubric.parts.map((part, place) =>
    choice("checkbox", "part", withPoints(part.label, part.points), {
      checked: chosen.has(place),
      onchange: (event) => {
        if (event.target.checked) chosen.add(place);
        else chosen.delete(place);
        changed({ present: [...chosen].sort((one, other) => one - other) });
      },
    }),
  );
  return h("fieldset", {}, h("legend", {}, t("what_is_present")), boxes);
}

function levels(item, rating, changed) {
  const choices = item.rubric.levels.map((level, place) =>
    choice("radio", "level", withPoints(level.label, level.points), {
      checked: rating.found?.level === place,
      onchange: () => changed({ level: place }),
    }),
  );
  return h("fieldset", {}, h("legend", {}, t("what_was_found")), choices);
}

function number(item, rating, changed) {
  const { method, label, unit } = item.rubric;
  const isValue = method === "banded";
  const fault = h("p.invalid-feedback", { role: "alert" });
  const input = h("input.form-control.number-as-typed", {
    type: "text",
    inputmode: isValue ? "decimal" : "numeric",
    autocomplete: "off",
    maxlength: 24,
    value: typedOf(rating),
    oninput: () => {
      const found = foundTyped(item, input.value);
      fault.textContent = found === undefined ? t(isValue ? "not_a_value" : "not_a_count") : "";
      input.setAttribute("aria-invalid", String(found === undefined));
      if (found !== undefined) changed(found);
    },
  });
  const help = { additive: "help_additive", deductive: "help_deductive" }[method];
  const text = help ? t(help, { points: pointsText(item.rubric.each), most: short(item.points) }) : t("help_banded");
  return h("div", {}, field(unit ? `${label} (${unit})` : label, input, text), fault);
}

/** The form of an item's rubric, null for a gate: its two answers are the buttons below. */
export function rubricForm(item, rating, changed) {
  if (isNumbered(item)) return number(item, rating, changed);
  if (item.rubric.method === "checklist") return checklist(item, rating, changed);
  return item.rubric.method === "levels" ? levels(item, rating, changed) : null;
}

/** Points so far as a sentence, empty where nothing was found. */
export function pointsWords(item, rating) {
  const points = pointsOf(item, rating);
  return points === null ? "" : t("points_of", { n: points, of: short(item.points) });
}
