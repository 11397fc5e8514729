// A field to sign in with a finger, a pen or the mouse. What is drawn is kept as strokes: lists of [x, y] in a field
// of 1000 × 400, within the bounds that the server checks.
export const WIDTH = 1000;
export const HEIGHT = 400;
const MAX_STROKES = 200;
const MAX_POINTS = 5000;
const NEAR = 2;

export function draw(canvas, strokes) {
  const pen = canvas.getContext("2d");
  pen.clearRect(0, 0, canvas.width, canvas.height);
  pen.strokeStyle = getComputedStyle(canvas).color;
  pen.fillStyle = pen.strokeStyle;
  pen.lineWidth = 6;
  pen.lineCap = "round";
  pen.lineJoin = "round";
  for (const stroke of strokes) {
    pen.beginPath();
    stroke.forEach(([x, y], place) => (place ? pen.lineTo(x, y) : pen.moveTo(x, y)));
    if (stroke.length === 1) pen.lineTo(stroke[0][0] + 1, stroke[0][1]);
    pen.stroke();
  }
}

// Let `canvas` be signed in; `changed` hears of the strokes after each one. Returns a way to clear it.
export function signaturePad(canvas, changed, strokes = []) {
  canvas.width = WIDTH;
  canvas.height = HEIGHT;
  let stroke = null;
  const points = () => strokes.reduce((sum, each) => sum + each.length, 0);

  function place(event) {
    const box = canvas.getBoundingClientRect();
    const within = (value, most) => Math.round(Math.min(Math.max(value, 0), most) * 10) / 10;
    return [
      within(((event.clientX - box.left) / box.width) * WIDTH, WIDTH),
      within(((event.clientY - box.top) / box.height) * HEIGHT, HEIGHT),
    ];
  }

  function add(event) {
    if (points() >= MAX_POINTS) return;
    const [x, y] = place(event);
    const [lastX, lastY] = stroke[stroke.length - 1] || [-NEAR, -NEAR];
    if (Math.hypot(x - lastX, y - lastY) >= NEAR) stroke.push([x, y]);
  }

  canvas.addEventListener("pointerdown", (event) => {
    if (!event.isPrimary || event.button > 0 || strokes.length >= MAX_STROKES || points() >= MAX_POINTS) return;
    event.preventDefault();
    canvas.setPointerCapture(event.pointerId);
    stroke = [place(event)];
    strokes.push(stroke);
    draw(canvas, strokes);
  });

  canvas.addEventListener("pointermove", (event) => {
    if (!stroke || !event.isPrimary) return;
    event.preventDefault();
    for (const each of event.getCoalescedEvents?.() || [event]) add(each);
    draw(canvas, strokes);
  });

  for (const end of ["pointerup", "pointercancel"]) {
    canvas.addEventListener(end, () => {
      if (!stroke) return;
      stroke = null;
      changed(strokes);
    });
  }

  draw(canvas, strokes);
  return () => {
    strokes.length = 0;
    draw(canvas, strokes);
    changed(strokes);
  };
}

function kept(input) {
  try {
    const strokes = JSON.parse(input.value);
    return Array.isArray(strokes) ? strokes : [];
  } catch {
    return [];
  }
}

// The pad of a page: what is drawn goes along with the form; after a refusal it is there again.
export function startPads() {
  for (const pad of document.querySelectorAll("[data-signature-pad]")) {
    const input = pad.querySelector("[data-strokes]");
    const clear = signaturePad(
      pad.querySelector("canvas"),
      (strokes) => {
        input.value = strokes.length ? JSON.stringify(strokes) : "";
      },
      kept(input),
    );
    pad.querySelector("[data-clear]").addEventListener("click", clear);
  }
}
