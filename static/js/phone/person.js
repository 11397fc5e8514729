// Whose phone this is now: the person that the server last named here. Ordinary pages read the same slot
// (static/js/unsent.js).

const SLOT = "portal.phone.user";

export function lastPerson() {
  try {
    const user = JSON.parse(localStorage.getItem(SLOT));
    return Number.isInteger(user?.id) ? user : null;
  } catch {
    return null;
  }
}

export function rememberPerson({ id, name }) {
  try {
    localStorage.setItem(SLOT, JSON.stringify({ id, name }));
  } catch {
    // Without it the next start needs a network; the work itself lies in the store.
  }
}
