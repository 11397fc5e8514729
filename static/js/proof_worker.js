// Finds the number that a form's challenge asks for (reviews/proofs.py): SHA-256 of a prefix of 64 signs, which fills
// one block, and the number, so that each try is a single block.
const K = new Uint32Array(64);
const START = new Uint32Array(8);

// The first 32 bits of the fractional parts of the cube and square roots of the first primes (FIPS 180-4, 4.2.2, 5.3.3).
(function constants() {
  const fraction = (value) => Math.floor((value - Math.floor(value)) * 2 ** 32);
  let found = 0;
  for (let number = 2; found < 64; number += 1) {
    let prime = true;
    for (let by = 2; by * by <= number; by += 1) if (number % by === 0) prime = false;
    if (!prime) continue;
    if (found < 8) START[found] = fraction(Math.sqrt(number));
    K[found] = fraction(Math.cbrt(number));
    found += 1;
  }
})();

const words = new Int32Array(64);

function turn(value, by) {
  return (value >>> by) | (value << (32 - by));
}

function compress(state, block) {
  for (let i = 0; i < 16; i += 1) words[i] = block[i];
  for (let i = 16; i < 64; i += 1) {
    const a = words[i - 15];
    const b = words[i - 2];
    const low = turn(a, 7) ^ turn(a, 18) ^ (a >>> 3);
    const high = turn(b, 17) ^ turn(b, 19) ^ (b >>> 10);
    words[i] = (words[i - 16] + low + words[i - 7] + high) | 0;
  }
  let [a, b, c, d, e, f, g, h] = state;
  for (let i = 0; i < 64; i += 1) {
    const one = (h + (turn(e, 6) ^ turn(e, 11) ^ turn(e, 25)) + ((e & f) ^ (~e & g)) + K[i] + words[i]) | 0;
    const two = ((turn(a, 2) ^ turn(a, 13) ^ turn(a, 22)) + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    h = g;
    g = f;
    f = e;
    e = (d + one) | 0;
    d = c;
    c = b;
    b = a;
    a = (one + two) | 0;
  }
  return [
    (state[0] + a) | 0,
    (state[1] + b) | 0,
    (state[2] + c) | 0,
    (state[3] + d) | 0,
    (state[4] + e) | 0,
    (state[5] + f) | 0,
    (state[6] + g) | 0,
    (state[7] + h) | 0,
  ];
}

// The last block of a text that began with `before` bytes in full blocks.
function lastBlock(text, before) {
  const block = new Int32Array(16);
  for (let i = 0; i < text.length; i += 1) block[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
  block[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
  block[15] = (before + text.length) * 8;
  return block;
}

function fullBlock(text) {
  const block = new Int32Array(16);
  for (let i = 0; i < 64; i += 1) block[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
  return block;
}

function begins(state, bits) {
  return bits <= 32 ? state[0] >>> (32 - bits) === 0 : state[0] === 0 && state[1] >>> (64 - bits) === 0;
}

function hex(state) {
  return state.map((word) => (word >>> 0).toString(16).padStart(8, "0")).join("");
}

function sha256(text) {
  let state = Array.from(START, (word) => word | 0);
  let at = 0;
  for (; text.length - at >= 64; at += 64) state = compress(state, fullBlock(text.slice(at, at + 64)));
  const rest = text.slice(at);
  if (rest.length < 56) return compress(state, lastBlock(rest, at));
  // the length does not fit behind the text any more: it stands alone in one more block
  const block = lastBlock(rest, at);
  block[15] = 0;
  for (let i = 60; i < rest.length; i += 1) block[15] |= rest.charCodeAt(i) << (24 - (i % 4) * 8);
  if (rest.length >= 60) block[15] |= 0x80 << (24 - (rest.length % 4) * 8);
  const end = new Int32Array(16);
  end[15] = text.length * 8;
  return compress(compress(state, block), end);
}

self.addEventListener("message", ({ data: { challenge, bits } }) => {
  const begun = compress(Array.from(START, (word) => word | 0), fullBlock(hex(sha256(challenge))));
  let number = 0;
  while (!begins(compress(begun, lastBlock(String(number), 64)), bits)) number += 1;
  self.postMessage(String(number));
});
