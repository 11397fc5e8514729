// What is typed, kept on the device until the server has said that it has it.

const PREFIX = "portal.desk ";

export function keepRecord(slot, record) {
  try {
    localStorage.setItem(PREFIX + slot, JSON.stringify(record));
    return true;
  } catch {
    return false; // forbidden or full: the page says so
  }
}

export function readRecord(slot) {
  try {
    return JSON.parse(localStorage.getItem(PREFIX + slot));
  } catch {
    return null;
  }
}

export function forget(slot) {
  try {
    localStorage.removeItem(PREFIX + slot);
  } catch {
    // Nothing was kept either.
  }
}

export function keptOf(file) {
  try {
    const names = Object.keys(localStorage).filter((name) => name.startsWith(`${PREFIX}${file} `));
    return names.map((name) => name.slice(PREFIX.length));
  } catch {
    return [];
  }
}
