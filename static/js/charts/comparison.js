import { SMALL, percents } from "./parts";

// Inside both limits, outside the inner one, outside the outer one: told apart by shape and size, not by colour.
const MARKS = [
  { symbol: "circle", size: 8 },
  { symbol: "triangle", size: 12 },
  { symbol: "diamond", size: 15 },
];

function limit(name, rows, place, palette, style) {
  return {
    type: "line",
    name,
    silent: true,
    symbol: "none",
    data: rows.map((row) => [row.organs, row[place]]),
    lineStyle: { color: palette.ink, ...style },
    itemStyle: { color: palette.ink },
    emphasis: { disabled: true },
  };
}

// Rates against the number of organs, with the limits of chance around the rate of all together.
export function comparison(data, palette, width, at) {
  const height = width < 500 ? 380 : 420;
  const inner = { width: 1.5, type: [6, 4] };
  const outer = { width: 1.5, type: "solid" };
  return {
    height,
    option: {
      legend: {
        top: 0,
        left: 0,
        itemWidth: 36,
        itemStyle: { opacity: 0 },
        data: [data.names.centre, data.names.inner, data.names.outer],
        selectedMode: false,
        textStyle: { color: palette.ink, fontSize: SMALL, fontFamily: palette.font },
      },
      grid: { left: 52, right: 24, top: width < 500 ? 84 : 44, bottom: 48 },
      xAxis: {
        type: "value",
        min: 0,
        name: data.names.organs,
        nameLocation: "middle",
        nameGap: 28,
        nameTextStyle: { color: palette.soft, fontSize: SMALL },
        axisLabel: { color: palette.soft, fontSize: SMALL, hideOverlap: true },
        axisLine: { lineStyle: { color: palette.strong } },
        splitLine: { show: false },
        minInterval: 1,
      },
      yAxis: percents(palette),
      series: [
        limit(data.names.outer, data.limits, "outer_low", palette, outer),
        limit(data.names.outer, data.limits, "outer_high", palette, outer),
        limit(data.names.inner, data.limits, "inner_low", palette, inner),
        limit(data.names.inner, data.limits, "inner_high", palette, inner),
        limit(data.names.centre, data.limits, "centre", palette, { width: 1, type: [2, 3] }),
        {
          type: "scatter",
          data: data.points.map((point, index) => ({
            value: [point.organs, point.value],
            name: point.name,
            stop: index,
            symbol: MARKS[point.outside].symbol,
            symbolSize: MARKS[point.outside].size + (index === at ? 6 : 0),
            label: {
              show: point.outside > 0 || index === at,
              position: point.organs > data.most * 0.6 ? "left" : "right",
            },
            itemStyle: {
              color: point.outside ? palette.accent : palette.surface,
              borderColor: index === at ? palette.ink : palette.accent,
              borderWidth: index === at ? 3 : 1.5,
              opacity: 1,
            },
          })),
          label: {
            formatter: "{b}",
            position: "right",
            color: palette.ink,
            fontSize: SMALL,
            fontFamily: palette.font,
          },
          labelLayout: { hideOverlap: true, moveOverlap: "shiftY" },
          emphasis: { disabled: true },
          z: 5,
        },
      ],
    },
  };
}
