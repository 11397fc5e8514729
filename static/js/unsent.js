// Signing out waits for what a person recorded on visits and only this browser has (static/js/phone/store.js). Also
// notes the language, so that the phone's page speaks the same one without asking the server.

const told = document.getElementById("unsent");

try {
  localStorage.setItem("portal.language", document.documentElement.lang);
} catch {
  // The phone's page then begins in the language in which it was fetched.
}

/** Opens the store only where there is one: asking must not make it. Fails where one cannot be read. */
function open(name) {
  return new Promise((resolve, reject) => {
    const asked = indexedDB.open(name);
    let isNew = false;
    asked.onupgradeneeded = () => {
      isNew = true;
      asked.transaction.abort();
    };
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = (event) => {
      event.preventDefault();
      if (isNew) resolve(null);
      else reject(asked.error);
    };
  });
}

function count(db, name) {
  return new Promise((resolve, reject) => {
    const asked = db.transaction(name).objectStore(name).index("waiting").count();
    asked.onsuccess = () => resolve(asked.result);
    asked.onerror = () => reject(asked.error);
  });
}

async function waits(user) {
  if (!("indexedDB" in window)) return false;
  const db = await open(`portal-phone-${user}`);
  if (!db) return false;
  const counts = await Promise.all(["records", "photos"].map((name) => count(db, name)));
  db.close();
  return counts.some((number) => number > 0);
}

/** Nobody who uses this browser next finds the visits of the one before. */
function forget(user) {
  indexedDB.deleteDatabase(`portal-phone-${user}`);
  localStorage.removeItem("portal.phone.user");
}

document.addEventListener(
  "submit",
  async (event) => {
    const form = event.target;
    const user = form.dataset.signOut;
    if (!user) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // What cannot be read is not taken for empty: the person may leave, the store stays.
    const waiting = await waits(user).catch(() => null);
    if (waiting) {
      told.hidden = false;
      told.scrollIntoView({ block: "center" });
      return;
    }
    try {
      if (waiting === false) forget(user);
    } catch {
      // Storage may be forbidden; there is nothing in it then.
    }
    form.submit();
  },
  true,
);
