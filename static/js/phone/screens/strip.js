// The photos at an item or a finding: small pictures, each with its state in words, and the buttons to take more.

import { button, h, icon } from "../dom";
import { takePhoto } from "../photos";
import { WEAK_M } from "../place";
import { shadeOf, wordsFor } from "../state";
import { t, time } from "../texts";

export function placeWords(photo) {
  if (photo.place === "sought") return t("place_sought");
  if (photo.accuracy === null || photo.accuracy === undefined) return t("place_none");
  return t(photo.accuracy > WEAK_M ? "place_weak" : "place_known", { m: photo.accuracy });
}

function picture(visit, photo, number) {
  const words = `${wordsFor(photo)} · ${placeWords(photo)}`;
  return h(
    "li",
    {},
    h(
      "a.photo-tile",
      { href: `#/visit/${visit}/photo/${photo.key}` },
      h("img", { src: photo.thumb, alt: t("photo_alt", { n: number, at: time(photo.taken_at) }), width: 96, height: 96 }),
      h("span.photo-state", { class: `photo-state ${shadeOf(photo)}` }, words),
    ),
  );
}

/** A hidden file input behind a button of the page's own; `capture` opens the camera at once. */
function source(text, { capture, multiple, take, main }) {
  const input = h("input.visually-hidden", { type: "file", accept: "image/*", multiple, capture, tabindex: "-1", "aria-label": text });
  input.addEventListener("change", async () => {
    await take([...input.files]);
    input.value = "";
  });
  return [button(text, () => input.click(), { sign: main ? "camera" : null }), input];
}

/** The strip as an element that follows what happens to its photos; `wanted(photo)` says which are its own. */
export function strip(app, { visit, item, finding = null, wanted, editable }) {
  const list = h("ul.photo-strip", {});
  const told = h("p.form-text", { role: "status" });
  const fill = async () => {
    const photos = (await app.store.of("photos", visit)).filter(wanted).sort((one, other) => one.number - other.number);
    list.replaceChildren(...photos.map((photo, place) => picture(visit, photo, place + 1)));
    list.hidden = !photos.length;
  };
  const take = async (files) => {
    const faults = [];
    for (const [place, file] of files.entries()) {
      told.textContent = t("photo_keeping", { n: place + 1, of: files.length });
      try {
        await takePhoto(app.store, { visit, item, finding, file, limits: app.limits });
      } catch (error) {
        faults.push(error?.name === "QuotaExceededError" ? t("photo_no_room") : t("photo_unread", { name: file.name }));
      }
      await fill();
    }
    told.textContent = faults.join(" ") || t("photo_kept", { n: files.length });
  };
  const sources = [
    source(t("take_photo"), { capture: "environment", take, main: true }),
    source(t("choose_photos"), { multiple: true, take }),
  ];
  const buttons = h("div.photo-buttons", {}, sources);
  const element = h("section.photos", {}, h("h2", {}, t("photos")), list, editable && buttons, told);
  return { element, fill };
}
