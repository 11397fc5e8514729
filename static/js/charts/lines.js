import { SMALL, percents, shortened, wide as length } from "./parts";

function ticks(names, palette, more = {}) {
  return {
    type: "category",
    data: names,
    boundaryGap: false,
    axisLabel: { color: palette.soft, fontSize: SMALL, hideOverlap: true },
    axisLine: { lineStyle: { color: palette.strong } },
    axisTick: { show: names.length < 40, lineStyle: { color: palette.strong } },
    ...more,
  };
}

// A line with a point for each month; the one the reader stands on is larger.
function months(values, palette, at, more = {}) {
  return {
    type: "line",
    data: values.map((value, index) => ({
      value,
      stop: index,
      symbol: index === at ? "diamond" : "circle",
      symbolSize: index === at ? 14 : index === values.length - 1 ? 8 : 4,
    })),
    lineStyle: { color: palette.accent, width: 2 },
    itemStyle: { color: palette.accent, opacity: 1 },
    showAllSymbol: true,
    connectNulls: false,
    emphasis: { disabled: true },
    ...more,
  };
}

// A target: dashed from its first day to its deadline, dotted where it goes on to be demanded after it. Whichever part
// comes last has the words.
function demanded(target, count, palette, more = {}, words = {}) {
  const part = (from, to, type, last) => ({
    type: "line",
    silent: true,
    data: Array.from({ length: count }, (_none, index) => (index >= from && index <= to ? target.percent : null)),
    symbol: "none",
    lineStyle: { color: palette.ink, width: 1.5, type },
    emphasis: { disabled: true },
    ...more,
    ...(last ? words : {}),
  });
  const due = Math.min(target.to, count - 1);
  const parts = due >= target.from ? [part(target.from, due, [6, 4], due === count - 1)] : [];
  return due < count - 1 ? [...parts, part(Math.max(target.from, due), count - 1, [2, 3], true)] : parts;
}

export function trend(data, palette, width, at) {
  const height = 260;
  const label = { show: true, formatter: "{a}", color: palette.ink, fontSize: SMALL, distance: 6 };
  return {
    height,
    option: {
      grid: { left: 52, right: 64, top: 16, bottom: 32 },
      xAxis: ticks(data.ticks, palette),
      yAxis: percents(palette),
      series: [
        ...data.targets.flatMap((target) =>
          demanded(target, data.ticks.length, palette, { name: target.label }, {
            endLabel: label,
            labelLayout: { moveOverlap: "shiftY" },
          }),
        ),
        months(data.values, palette, at),
      ],
    },
  };
}

const PANEL = 128;

// One small line chart for each region, all on the same scale and in the order of the register.
export function multiples(data, palette, width, at) {
  const columns = Math.max(1, Math.min(data.panels.length, Math.floor(width / 150)));
  const wide = (width - 44) / columns;
  const places = data.panels.map((_panel, index) => ({
    left: 44 + (index % columns) * wide,
    top: 6 + Math.floor(index / columns) * (PANEL + 30),
  }));
  const height = Math.ceil(data.panels.length / columns) * (PANEL + 30) + 22;
  const last = (index) => index >= data.panels.length - columns;
  const all = data.panels.flatMap((panel, index) => [
    ...data.targets.flatMap((target) =>
      demanded(target, data.ticks.length, palette, { xAxisIndex: index, yAxisIndex: index }),
    ),
    {
      ...months(panel.values, palette, -1, { xAxisIndex: index, yAxisIndex: index, showSymbol: at === index }),
      data: panel.values.map((value) => ({ value, stop: index })),
      lineStyle: { color: palette.accent, width: at === index ? 4 : 2 },
    },
  ]);
  return {
    height,
    option: {
      title: data.panels.map((panel, index) => ({
        text: `${shortened(panel.name, wide - 30 - length(panel.label))} ${panel.label}`,
        left: places[index].left,
        top: places[index].top,
        padding: 0,
        textStyle: {
          color: palette.ink,
          fontSize: SMALL,
          fontWeight: at === index ? "bold" : "normal",
          fontFamily: palette.font,
        },
      })),
      grid: places.map((place) => ({ left: place.left, top: place.top + 20, width: wide - 16, height: PANEL - 20 })),
      xAxis: data.panels.map((_panel, index) =>
        ticks(data.ticks, palette, {
          gridIndex: index,
          axisTick: { show: false },
          axisLabel: { show: last(index), color: palette.soft, fontSize: SMALL, hideOverlap: true, interval: (place) => place === 0 || place === data.ticks.length - 1, alignMinLabel: "left", alignMaxLabel: "right" },
        }),
      ),
      yAxis: data.panels.map((_panel, index) =>
        percents(palette, {
          gridIndex: index,
          interval: 50,
          axisLabel: { show: index % columns === 0, color: palette.soft, fontSize: SMALL, formatter: `{value}${palette.sign}` },
        }),
      ),
      series: all,
    },
  };
}
