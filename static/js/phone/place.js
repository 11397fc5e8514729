// Where a photo was taken, as far as the device knows and the person allows. It never holds anything up.

export const WEAK_M = 50;
const WAIT_MS = 10_000;

/** Returns {latitude, longitude, accuracy}, or null where there is no place to be had. */
export function whereNow() {
  if (!navigator.geolocation) return Promise.resolve(null);
  const options = { enableHighAccuracy: true, timeout: WAIT_MS, maximumAge: 30_000 };
  return new Promise((resolve) => {
    // Some browsers leave the question for permission standing without an answer of any kind.
    const giveUp = setTimeout(() => resolve(null), WAIT_MS + 1000);
    const done = (place) => {
      clearTimeout(giveUp);
      resolve(place);
    };
    navigator.geolocation.getCurrentPosition(({ coords }) => done(round(coords)), () => done(null), options);
  });
}

function round({ latitude, longitude, accuracy }) {
  const five = (degrees) => Math.round(degrees * 1e5) / 1e5;
  return { latitude: five(latitude), longitude: five(longitude), accuracy: Math.min(1e6, Math.round(accuracy)) };
}
