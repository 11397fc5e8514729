// What kind of browser this is, and how much it can be trusted to keep what it is given.

import { t } from "./texts";

export const LOW_BYTES = 200 * 1024 * 1024;

// Browsers inside another app: they lose their store when that app tidies up, and most have no service worker.
const INSIDE = [
  [/MicroMessenger/i, "WeChat"],
  [/DingTalk/i, "DingTalk"],
  [/wxwork/i, "WeCom"],
  [/Feishu|Lark\//i, "Feishu"],
  [/AlipayClient|AliApp/i, "Alipay"],
  [/\bQQ\/|\bQQTheme/i, "QQ"],
  [/Weibo/i, "Weibo"],
  [/\bwv\b.*Chrome|; wv\)/i, ""],
  // WebKit on an iPhone without "Safari" in its name is a window of some other app.
  [/\((iPhone|iPad)(?!.*Safari\/).*AppleWebKit/i, ""],
];

/** The app whose window this is: its name, "" for an unknown one, null for a browser of its own. */
export function appAround(agent = navigator.userAgent) {
  const found = INSIDE.find(([mark]) => mark.test(agent));
  return found ? found[1] : null;
}

export function canWorkOffline() {
  return window.isSecureContext && "serviceWorker" in navigator && "indexedDB" in window && !!crypto.subtle;
}

export function label(agent = navigator.userAgent) {
  const browsers = [["Edge", /Edg/], ["Firefox", /Firefox|FxiOS/], ["Samsung Internet", /SamsungBrowser/]];
  browsers.push(["Chrome", /Chrome|CriOS/], ["Safari", /Safari/]);
  const systems = [["HarmonyOS", /HarmonyOS|OpenHarmony/], ["Android", /Android/], ["iOS", /iPhone|iPad/]];
  systems.push(["Windows", /Windows/], ["macOS", /Mac OS/], ["Linux", /Linux/]);
  const of = (list) => (list.find(([, mark]) => mark.test(agent)) || ["?"])[0];
  return `${of(browsers)} · ${of(systems)}`.slice(0, 80);
}

/** Asks that the store outlives a full disk; tells whether the browser has promised it. */
export async function keepStore() {
  if (!navigator.storage?.persist) return false;
  return (await navigator.storage.persisted()) || navigator.storage.persist();
}

/** Sentences about what could go wrong with the store; empty when nothing does. */
export async function storageWarnings() {
  const found = [];
  if (!navigator.storage) return [t("storage_unknown")];
  if (navigator.storage.persisted && !(await navigator.storage.persisted())) found.push(t("storage_not_kept"));
  if (navigator.storage.estimate) {
    const { quota = 0, usage = 0 } = await navigator.storage.estimate();
    if (quota - usage < LOW_BYTES) {
      found.push(t("storage_low", { mb: Math.max(0, Math.floor((quota - usage) / 1024 / 1024)) }));
    }
  }
  return found;
}
