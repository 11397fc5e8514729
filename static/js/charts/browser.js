// Puts the pictures of a page into their frames: drawn from the data beside them, led through by the arrow keys, drawn
// anew when the page gets another width, another scheme or is printed. Words and tables stand there without it.
import { echarts } from "./library";
import { PAPER, draw } from "./options";

const PRINTED = 660; // pixels across an upright A4 page within its margins
const pictures = new Map();
const dark = matchMedia("(prefers-color-scheme: dark)");
const paper = matchMedia("print");
let printing = paper.matches;

const TOKENS = {
  ink: "--ink",
  soft: "--ink-soft",
  line: "--line",
  strong: "--line-strong",
  accent: "--accent",
  onAccent: "--on-accent",
  surface: "--surface",
  sunk: "--surface-sunk",
};

// The page's own colours, so that a picture is dark where the page is dark.
function palette() {
  if (printing) return PAPER;
  const page = getComputedStyle(document.documentElement);
  const found = Object.entries(TOKENS).map(([name, token]) => [name, page.getPropertyValue(token).trim()]);
  return { ...Object.fromEntries(found), font: getComputedStyle(document.body).fontFamily };
}

class Picture {
  constructor(frame) {
    this.chart = JSON.parse(document.getElementById(frame.dataset.chart).textContent);
    this.frame = frame;
    this.field = frame.querySelector("[data-chart-field]");
    this.said = frame.querySelector("[data-chart-said]");
    this.keys = frame.querySelector("[data-chart-keys]");
    this.at = -1;
    this.width = 0;
    this.drawing = echarts.init(this.field, null, { renderer: "svg", width: 300, height: 100 });
    this.keys.addEventListener("keydown", (event) => this.led(event));
    this.keys.addEventListener("blur", () => this.stand(-1));
    this.drawing.on("mouseover", (event) => this.point(event.data?.stop));
    if (this.chart.kind === "trend") {
      this.drawing.getZr().on("mousemove", (event) => this.point(this.month(event)));
    }
    this.draw();
  }

  draw() {
    const width = printing ? PRINTED : this.field.clientWidth;
    if (!width) return;
    this.width = width;
    const { height, option } = draw(this.chart, palette(), width, this.at);
    this.field.style.height = printing ? "" : `${height}px`;
    this.drawing.resize({ width, height });
    this.drawing.setOption(option, { notMerge: true });
    this.field.querySelector("svg").setAttribute("viewBox", `0 0 ${width} ${height}`);
  }

  month(event) {
    const place = this.drawing.convertFromPixel({ gridIndex: 0 }, [event.offsetX, event.offsetY]);
    return place && Math.round(place[0]);
  }

  // A pointer only asks what stands there; the picture stays as it is.
  point(stop) {
    if (this.at < 0 && this.chart.stops[stop]) this.said.textContent = this.chart.stops[stop];
  }

  led(event) {
    const last = this.chart.stops.length - 1;
    const next = {
      ArrowRight: Math.min(last, this.at + 1),
      ArrowDown: Math.min(last, this.at + 1),
      ArrowLeft: Math.max(0, this.at - 1),
      ArrowUp: Math.max(0, this.at - 1),
      Home: 0,
      End: last,
      Escape: -1,
    }[event.key];
    if (next === undefined || event.altKey || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    this.stand(next);
  }

  stand(place) {
    if (place === this.at) return;
    this.at = place;
    this.said.textContent = this.chart.stops[place] ?? "";
    this.draw();
  }
}

const sizes = new ResizeObserver((entries) => {
  for (const { target } of entries) {
    const picture = pictures.get(target);
    if (picture && !printing && target.clientWidth !== picture.width) picture.draw();
  }
});

// A part of the page may have been put in anew: what has gone is forgotten, what has come is drawn.
function look() {
  for (const [field, picture] of pictures) {
    if (field.isConnected) continue;
    sizes.unobserve(field);
    picture.drawing.dispose();
    pictures.delete(field);
  }
  for (const frame of document.querySelectorAll("[data-chart]")) {
    const field = frame.querySelector("[data-chart-field]");
    if (pictures.has(field)) continue;
    pictures.set(field, new Picture(frame));
    sizes.observe(field);
  }
}

function drawAll() {
  for (const picture of pictures.values()) picture.draw();
}

function print(now) {
  if (printing === now) return;
  printing = now;
  drawAll();
}

dark.addEventListener("change", drawAll);
paper.addEventListener("change", () => print(paper.matches));
addEventListener("beforeprint", () => print(true));
addEventListener("afterprint", () => print(false));
document.addEventListener("htmx:afterSettle", look);
look();
