// What happened, told to whoever shows it, in this tab and in the portal's other tabs.

const here = new EventTarget();
const others = "BroadcastChannel" in self ? new BroadcastChannel("portal.phone") : null;

export function tell(what, detail = null) {
  here.dispatchEvent(new CustomEvent(what, { detail }));
  if (what === "changed" && others) others.postMessage(detail);
}

export function hear(what, listener, options) {
  here.addEventListener(what, (event) => listener(event.detail), options);
}

if (others) others.onmessage = (event) => here.dispatchEvent(new CustomEvent("changed", { detail: event.data }));
