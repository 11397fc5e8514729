// A copy of what only this phone has, saved as a file, and loaded on another device.

import { loadCopy, makeCopy } from "../copies";
import { button, field, h } from "../dom";
import { storageWarnings } from "../device";
import { t } from "../texts";

function download(blob, name) {
  const address = URL.createObjectURL(blob);
  const link = h("a", { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}

export async function copy(app) {
  const here = await app.store.countWaiting();
  const told = h("p", { role: "status" });
  const save = button(t("copy_save"), async () => {
    const day = new Date().toISOString().slice(0, 16).replace(/[^0-9]/g, "");
    download(await makeCopy(app.store, app.user), `visits-${day}.json`);
    told.textContent = t("copy_saved");
  }, { kind: "btn-primary", disabled: !here });
  const input = h("input.form-control", { type: "file", accept: "application/json,.json", onchange: async () => {
    const [file] = input.files;
    if (!file) return;
    try {
      told.textContent = t("copy_loaded", { n: await loadCopy(app.store, app.user, file) });
    } catch (error) {
      told.textContent = t(error.message === "user" ? "copy_other_user" : "copy_no_copy");
    }
    input.value = "";
  } });
  const warnings = await storageWarnings();
  return {
    title: t("copy_title"),
    back: "#/todo",
    body: [
      h("h1", {}, t("copy_title")),
      h("p", {}, t("copy_text")),
      h("p.num", {}, t("copy_here", { n: here })),
      told,
      h("h2", {}, t("copy_load")),
      field(t("copy_file"), input, t("copy_load_text")),
      h("h2", {}, t("storage")),
      warnings.length ? warnings.map((text) => h("p.alert.alert-warning", {}, text)) : h("p", {}, t("storage_kept")),
    ],
    foot: [save],
  };
}
