import { LINE_OF_TEXT, beside, box, canvas, drawn, line, text, wide } from "./parts";

const SIDE = 22; // half of "100 %" stands beside the field
const BAR = 28;

// A bar from 0, a line for each target with its deadline above it, last year's value as a mark below.
export function bullet(data, palette, width, at) {
  const top = 8 + data.targets.length * LINE_OF_TEXT;
  const below = top + BAR + (data.last ? LINE_OF_TEXT + 6 : 4);
  const height = below + 28;
  const x = (percent) => SIDE + ((width - 2 * SIDE) * percent) / 100;
  const bottom = below + 4;

  const scale = () => [
    line(x(0), bottom, x(100), bottom, palette.strong),
    ...[0, 25, 50, 75, 100].flatMap((percent) => [
      line(x(percent), bottom, x(percent), bottom + 5, palette.strong),
      text(x(percent), bottom + 14, `${percent}${palette.sign}`, palette, { fill: palette.soft, textAlign: "center" }),
    ]),
  ];
  // the number stands at the foot of the bar, where no target crosses it
  const value = (item) => {
    const inside = x(item.value) - x(0) > wide(item.label) * 1.2 + 8;
    return [
      box(x(0), top, x(100) - x(0), BAR, { fill: palette.sunk, stroke: palette.line }),
      box(x(0), top + 6, x(item.value) - x(0), BAR - 12, {
        fill: palette.accent,
        stroke: at === 0 ? palette.ink : "none",
        lineWidth: 3,
      }),
      text(inside ? x(0) + 8 : x(item.value) + 6, top + BAR / 2, item.label, palette, {
        fill: inside ? palette.onAccent : palette.ink,
        fontWeight: "bold",
      }),
    ];
  };
  const targets = [...data.targets].sort((one, other) => one.percent - other.percent);
  const target = (item) => {
    const row = top - LINE_OF_TEXT * (targets.indexOf(item) + 0.5);
    return [
      line(x(item.percent), row - LINE_OF_TEXT / 2 + 2, x(item.percent), top + BAR + 3, palette.ink, at === item.stop ? 5 : 2),
      beside(x(item.percent), row, item.label, palette, width),
    ];
  };
  const last = (item) => {
    const [middle, tip] = [x(item.value), top + BAR + 2];
    return [
      {
        type: "polygon",
        shape: { points: [[middle, tip], [middle - 6, tip + 11], [middle + 6, tip + 11]] },
        style: { fill: palette.surface, stroke: palette.ink, lineWidth: at === item.stop ? 3 : 1.5 },
      },
      beside(middle + (middle > width / 2 ? -6 : 6), tip + 8, item.label, palette, width),
    ];
  };

  const items = [
    { draw: value, stop: 0, value: data.value, label: data.label },
    ...targets.map((item) => ({ ...item, draw: () => target(item), stop: item.stop })),
    ...(data.last ? [{ ...data.last, draw: last }] : []),
    { draw: scale, stop: 0 },
  ];
  return { height, option: { ...canvas(width, height), series: [drawn(items, (item) => item.draw(item))] } };
}
