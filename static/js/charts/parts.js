// What every picture is made of: words, lines, axes.
export const SMALL = 12;
export const LINE_OF_TEXT = 18;

export function text(x, y, said, palette, more = {}) {
  return {
    type: "text",
    x,
    y,
    silent: true,
    style: {
      text: said,
      fill: palette.ink,
      fontSize: SMALL,
      fontFamily: palette.font,
      textVerticalAlign: "middle",
      ...more,
    },
  };
}

export function line(x1, y1, x2, y2, colour, width = 1, dash = null) {
  return {
    type: "line",
    silent: true,
    shape: { x1, y1, x2, y2 },
    style: { stroke: colour, lineWidth: width, lineDash: dash },
  };
}

export function box(x, y, width, height, style) {
  return { type: "rect", shape: { x, y, width, height }, style };
}

// The axis of a rate: always from 0 to 100.
export function percents(palette, more = {}) {
  return {
    type: "value",
    min: 0,
    max: 100,
    interval: 25,
    axisLabel: { color: palette.soft, fontSize: SMALL, formatter: `{value}${palette.sign}` },
    axisLine: { show: false },
    axisTick: { show: false },
    splitLine: { lineStyle: { color: palette.line } },
    ...more,
  };
}

// An empty field of the whole picture, on which a custom series draws by itself.
export function canvas(width, height) {
  return {
    grid: { left: 0, top: 0, width, height },
    xAxis: { type: "value", min: 0, max: 1, show: false },
    yAxis: { type: "value", min: 0, max: 1, show: false },
  };
}

// A custom series whose items are drawn by `shape(item, index)`; each item says which stop of the reader it is.
export function drawn(items, shape) {
  return {
    type: "custom",
    coordinateSystem: "cartesian2d",
    clip: false,
    renderItem: (_params, api) => {
      const index = api.value(2);
      return { type: "group", children: shape(items[index], index) };
    },
    encode: { x: 0, y: 1 },
    data: items.map((item, index) => ({ value: [0.5, 0.5, index], stop: item.stop ?? index })),
  };
}

// Two colours mixed: share 0 gives the ground, 1 the mark. Both are written #rrggbb.
export function mix(ground, mark, share) {
  const part = (colour, place) => parseInt(colour.slice(place, place + 2), 16);
  const one = (place) => Math.round(part(ground, place) * (1 - share) + part(mark, place) * share);
  return `#${[1, 3, 5].map((place) => one(place).toString(16).padStart(2, "0")).join("")}`;
}

// About how wide a text of the usual size is; the server has no browser to ask.
export function wide(said) {
  return [...said].reduce((sum, sign) => sum + (sign.codePointAt(0) > 0x2e7f ? SMALL : SMALL * 0.58), 0);
}

// Words beside a line at x: to its left where they fit, else to its right, else as far right as the picture goes.
export function beside(x, y, said, palette, width) {
  const needed = wide(said) + 6;
  if (x >= needed) return text(x - 5, y, said, palette, { textAlign: "right" });
  if (x + needed <= width) return text(x + 5, y, said, palette);
  return text(width - 1, y, said, palette, { textAlign: "right", backgroundColor: palette.surface });
}

// A text as far as it fits into so many pixels.
export function shortened(said, room) {
  if (wide(said) <= room) return said;
  const signs = [...said];
  while (signs.length > 1 && wide(signs.join("")) > room - SMALL) signs.pop();
  return `${signs.join("").trimEnd()}…`;
}
