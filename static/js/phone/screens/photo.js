// One photo, large: an arrow, a circle or a line drawn on it, taken again, or thrown away before it travels.

import { button, h } from "../dom";
import { Pad, drawMark } from "../drawing";
import { DRAWING_MS, discardPhoto, fullPicture, hold, redraw, takePhoto } from "../photos";
import { shadeOf, wordsFor } from "../state";
import { t, time } from "../texts";
import { placeWords } from "./strip";
import { notHere } from "./visit";

const COLOURS = ["#ffffff", "#d01c12"];
const TOOLS = ["arrow", "circle", "pen"];

function facts(photo) {
  return [
    h("p.num", {}, `${time(photo.taken_at)} · ${placeWords(photo)}`),
    h("p", { class: shadeOf(photo) }, wordsFor(photo)),
  ];
}

function tools(pad) {
  const buttons = TOOLS.map((name) =>
    button(t(`tool_${name}`), () => {
      pad.tool = name;
      for (const [place, other] of buttons.entries()) other.setAttribute("aria-pressed", String(TOOLS[place] === name));
    }, { "aria-pressed": String(pad.tool === name) }),
  );
  return h("div.tools", { role: "group", "aria-label": t("tools") }, buttons, button(t("undo"), () => pad.undo()));
}

function finished(picture, pad) {
  const canvas = h("canvas", { width: picture.width, height: picture.height });
  const context = canvas.getContext("2d");
  context.drawImage(picture, 0, 0);
  for (const mark of pad.marks) drawMark(context, mark, pad.line, COLOURS);
  return canvas;
}

function padOn(picture) {
  const canvas = h("canvas.photo-pad", { tabindex: 0, role: "img", "aria-label": t("photo_pad") });
  const line = Math.max(4, Math.round(Math.max(picture.width, picture.height) / 200));
  const size = [picture.width, picture.height];
  const pad = new Pad(canvas, { size, line, colours: COLOURS, paint: (context) => context.drawImage(picture, 0, 0) });
  pad.tool = "arrow";
  return pad;
}

function again(app, photo, back) {
  const input = h("input.visually-hidden", { type: "file", accept: "image/*", capture: "environment", tabindex: "-1", "aria-label": t("take_again") });
  input.addEventListener("change", async () => {
    const [file] = input.files;
    if (!file) return;
    const { visit, item, finding } = photo;
    await takePhoto(app.store, { visit, item, finding, file, limits: app.limits });
    await discardPhoto(app.store, photo.key);
    app.go(back);
  });
  return [button(t("take_again"), () => input.click(), { sign: "camera" }), input];
}

export async function photo(app, { id, key }) {
  const row = await app.store.get("photos", key);
  if (!row) return notHere();
  const item = `#/visit/${id}/item/${encodeURIComponent(row.item)}`;
  const back = row.finding ? `${item}/finding/${row.finding}` : item;
  const title = t("photo_at", { code: row.item });
  const editable = await hold(app.store, key, DRAWING_MS);
  const picture = await fullPicture(app.store, key);
  if (!editable || !picture) {
    const shown = picture ? padOn(picture).canvas : h("img.photo-large", { src: row.thumb, alt: t("photo_alt", { n: 1, at: time(row.taken_at) }) });
    return { title, back, body: [h("h1", {}, title), shown, facts(row), h("p.small-note", {}, t(row.waiting ? "photo_on_its_way" : "photo_small_only"))] };
  }
  const pad = padOn(picture);
  const beat = setInterval(() => hold(app.store, key, DRAWING_MS), DRAWING_MS / 2);
  const keep = async () => {
    if (pad.marks.length) await redraw(app.store, key, finished(picture, pad), app.limits);
    pad.marks = [];
    app.go(back);
  };
  return {
    title,
    back,
    body: [
      h("h1", {}, title),
      tools(pad),
      pad.canvas,
      h("p.form-text", {}, t("pad_keys")),
      facts(row),
      h("div.photo-buttons", {}, again(app, row, back), button(t("throw_away"), async () => {
        await discardPhoto(app.store, key);
        app.go(back);
      }, { kind: "btn-danger" })),
    ],
    foot: [button(t("keep_photo"), keep, { kind: "btn-primary" })],
    leave: async () => {
      clearInterval(beat);
      // What was drawn is not lost by going back.
      if (pad.marks.length) await redraw(app.store, key, finished(picture, pad), app.limits);
      else await hold(app.store, key, 0);
    },
  };
}
