// A field to draw on with finger, mouse or keyboard: signatures, and arrows and circles on photos. Points are kept in
// the field's own units, so that they mean the same at any size of the screen.

const STEP = 20;
const KEYS = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

function arrow(context, [x, y], [toX, toY], width) {
  const angle = Math.atan2(toY - y, toX - x);
  const head = width * 5;
  context.moveTo(x, y);
  context.lineTo(toX, toY);
  for (const turn of [-0.45, 0.45]) {
    context.moveTo(toX, toY);
    context.lineTo(toX - head * Math.cos(angle + turn), toY - head * Math.sin(angle + turn));
  }
}

function circle(context, [x, y], [toX, toY]) {
  const radius = [Math.abs(toX - x) / 2, Math.abs(toY - y) / 2];
  context.ellipse((x + toX) / 2, (y + toY) / 2, ...radius, 0, 0, 2 * Math.PI);
}

/** Draws a mark {tool, points}; `colours` from the widest to the narrowest line. */
export function drawMark(context, { tool, points }, width, colours) {
  const last = points[points.length - 1];
  context.lineCap = context.lineJoin = "round";
  colours.forEach((colour, place) => {
    context.beginPath();
    context.strokeStyle = colour;
    context.lineWidth = width * (colours.length - place === 2 ? 2 : 1);
    if (tool === "arrow") arrow(context, points[0], last, width);
    else if (tool === "circle") circle(context, points[0], last);
    else {
      context.moveTo(...points[0]);
      for (const point of points.length > 1 ? points.slice(1) : points) context.lineTo(...point);
    }
    context.stroke();
  });
}

export class Pad {
  /** `size` in units, `paint(context)` draws the ground, `changed()` is called after each mark. */
  constructor(canvas, { size, line, colours, paint, changed = () => {}, marks = [] }) {
    Object.assign(this, { canvas, size, line, colours, paint, changed, marks });
    this.tool = "pen";
    this.mark = null;
    this.cursor = null;
    [canvas.width, canvas.height] = size;
    canvas.addEventListener("pointerdown", (event) => this.down(event));
    canvas.addEventListener("pointermove", (event) => this.mark && event.buttons && this.extend(this.point(event)));
    for (const end of ["pointerup", "pointercancel"]) canvas.addEventListener(end, () => this.finish());
    canvas.addEventListener("keydown", (event) => this.key(event));
    canvas.addEventListener("blur", () => this.leave());
    this.show();
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const at = [(event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height];
    return at.map((share, axis) => Math.round(Math.min(1, Math.max(0, share)) * this.size[axis]));
  }

  down(event) {
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.cursor = null;
    this.begin(this.point(event));
  }

  begin(point) {
    this.mark = { tool: this.tool, points: [point] };
    this.marks.push(this.mark);
    this.show();
  }

  extend(point) {
    const last = this.mark.points[this.mark.points.length - 1];
    if (Math.hypot(point[0] - last[0], point[1] - last[1]) < 2) return;
    this.mark.points.push(point);
    this.show();
  }

  finish() {
    if (!this.mark) return;
    this.mark = null;
    this.show();
    this.changed();
  }

  // Space puts the pen down and lifts it, the arrow keys move it.
  key(event) {
    if (event.key === " " || event.key === "Enter") {
      this.cursor ||= this.size.map((length) => Math.round(length / 2));
      if (this.mark) this.finish();
      else this.begin([...this.cursor]);
    } else if (event.key in KEYS) {
      const from = this.cursor || this.size.map((length) => Math.round(length / 2));
      const way = KEYS[event.key].map((part) => part * (event.shiftKey ? STEP / 4 : STEP));
      this.cursor = from.map((at, axis) => Math.min(this.size[axis], Math.max(0, at + way[axis])));
      if (this.mark) this.extend([...this.cursor]);
    } else return;
    event.preventDefault();
    this.show();
  }

  leave() {
    this.finish();
    this.cursor = null;
    this.show();
  }

  undo() {
    this.marks.pop();
    this.show();
    this.changed();
  }

  clear() {
    this.marks.length = 0;
    this.show();
    this.changed();
  }

  show() {
    const context = this.canvas.getContext("2d");
    this.paint(context);
    for (const mark of this.marks) drawMark(context, mark, this.line, this.colours);
    if (!this.cursor) return;
    const [x, y] = this.cursor;
    context.beginPath();
    context.lineWidth = this.line / 2;
    context.strokeStyle = this.colours[this.colours.length - 1];
    context.arc(x, y, this.line * 2.5, 0, 2 * Math.PI);
    context.stroke();
  }
}
