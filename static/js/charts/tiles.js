import { LINE_OF_TEXT, box, canvas, drawn, line, mix, shortened, text } from "./parts";

const TILE = 74;
const GAP = 6;
const KEY = 30;
const CLASSES = 5;

// How much of the accent a class has: never so much that words of the usual ink could not be read on it.
function shade(band, palette) {
  const isDark = parseInt(palette.surface.slice(1, 3), 16) < 128;
  return 0.03 + ((isDark ? 0.41 : 0.57) * band) / (CLASSES - 1);
}

// "No data" is hatched: it is told from the smallest class without any colour.
function hatched(x, y, width, height, palette) {
  const step = 8;
  const lines = [];
  for (let start = step; start < width + height; start += step) {
    const [fromX, fromY] = start < height ? [0, start] : [start - height, height];
    const [toX, toY] = start < width ? [start, 0] : [width, start - width];
    lines.push(line(x + fromX, y + fromY, x + toX, y + toY, palette.line));
  }
  return [box(x, y, width, height, { fill: palette.surface, stroke: palette.strong, lineDash: [4, 3] }), ...lines];
}

function ground(tile, x, y, width, height, palette, lineWidth) {
  if (tile.band === null) return hatched(x, y, width, height, palette);
  const fill = mix(palette.surface, palette.accent, shade(tile.band, palette));
  return [box(x, y, width, height, { fill, stroke: lineWidth > 1 ? palette.ink : palette.strong, lineWidth })];
}

// One equal tile for each area, row by row in the order of the register: no outline, no place on a map.
export function tiles(data, palette, width, at) {
  const columns = Math.max(2, Math.min(data.columns, Math.floor((width + GAP) / (118 + GAP))));
  const wide = (width - 2 - (columns - 1) * GAP) / columns;
  const rows = Math.ceil(data.tiles.length / columns);
  const keyTop = rows * (TILE + GAP) + 10;
  const keyColumns = Math.max(2, Math.min(data.key.length, Math.floor(width / 140)));
  const height = keyTop + Math.ceil(data.key.length / keyColumns) * KEY;

  const tile = (item, index) => {
    const [x, y] = [1 + (index % columns) * (wide + GAP), 1 + Math.floor(index / columns) * (TILE + GAP)];
    const said = (line_, row, more) =>
      text(x + 8, y + 16 + row * (LINE_OF_TEXT + 2), shortened(line_, wide - 14), palette, more);
    const parts = ground(item, x, y, wide, TILE - 1, palette, index === at ? 3 : 1);
    const under = item.band === null ? [box(x + 4, y + 6, wide - 8, TILE - 12, { fill: palette.surface, opacity: 0.85 })] : [];
    return [...parts, ...under, said(item.name, 0), said(item.label, 1, { fontWeight: "bold" }), said(item.note, 2)];
  };
  const key = (item, index) => {
    const place = index - data.tiles.length;
    const x = 1 + (place % keyColumns) * (width / keyColumns);
    const y = keyTop + Math.floor(place / keyColumns) * KEY;
    return [
      ...ground(item, x, y, 26, 18, palette, 1),
      text(x + 32, y + 9, item.label, palette, { fill: palette.soft }),
    ];
  };
  const items = [
    ...data.tiles.map((item, index) => ({ ...item, stop: index, draw: tile })),
    ...data.key.map((item) => ({ ...item, stop: -1, draw: key })),
  ];
  return { height, option: { ...canvas(width, height), series: [drawn(items, (item, index) => item.draw(item, index))] } };
}
