// Where work without a network cannot start: inside another app, in a browser that is too old, without a person.

import { button, h } from "../dom";
import { SHELL } from "../packs";
import { t } from "../texts";

async function copyText(input) {
  try {
    await navigator.clipboard.writeText(input.value);
    return true;
  } catch {
    input.focus();
    input.select();
    return document.execCommand("copy");
  }
}

const online = () => h("p", {}, h("a.phone-link", { href: "/inspections/" }, t("work_online")));

/** Inside an app: one screen, the address to take along, and the ordinary pages. */
export function insideApp(app) {
  const address = new URL(SHELL, location.href).href;
  const input = h("input.form-control", { id: "address", readonly: true, value: address });
  const told = h("p", { role: "status" });
  const copy = button(t("copy_address"), async () => {
    told.textContent = t((await copyText(input)) ? "address_copied" : "address_select");
  }, { kind: "btn-primary" });
  return {
    title: t("open_in_browser"),
    body: [
      h("h1", {}, t("open_in_browser")),
      h("p", {}, app ? t("inside_named", { app }) : t("inside_unnamed")),
      h("p", {}, t("open_how")),
      h("label.form-label", { for: "address" }, t("address")),
      input,
      h("p.form-actions", {}, copy),
      told,
      online(),
    ],
  };
}

export function tooOld() {
  return { title: t("visits"), body: [h("h1", {}, t("visits")), h("p.alert.alert-warning", {}, t("too_old")), online()] };
}

export function signIn(unreachable) {
  const to = `/accounts/sign-in/?next=${encodeURIComponent(SHELL)}`;
  return {
    title: t("visits"),
    body: [
      h("h1", {}, t("visits")),
      h("p", {}, t(unreachable ? "first_needs_network" : "first_sign_in")),
      unreachable ? null : h("p", {}, h("a.btn.btn-primary", { href: to }, t("sign_in"))),
    ],
  };
}
