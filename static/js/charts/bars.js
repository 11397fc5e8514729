import { SMALL, box, canvas, drawn, line, text } from "./parts";

const STEP = 46;

// A bar from 0 for each stage of the way, its words above it.
export function stages(data, palette, width, at) {
  const most = Math.max(1, ...data.bars.map((bar) => bar.files));
  const height = data.bars.length * STEP + 8;
  const bar = (item, index) => {
    const y = index * STEP + 12;
    return [
      text(2, y, item.name, palette, { fontWeight: at === index ? "bold" : "normal" }),
      text(width - 2, y, item.label, palette, { textAlign: "right", fill: palette.soft }),
      line(2, y + 30, width - 2, y + 30, palette.line),
      box(2, y + 10, Math.max(2, ((width - 4) * item.files) / most), 16, {
        fill: palette.accent,
        stroke: at === index ? palette.ink : "none",
        lineWidth: 3,
      }),
    ];
  };
  return { height, option: { ...canvas(width, height), series: [drawn(data.bars, bar)] } };
}

// Two deviations of each line to the left and right of nothing, told apart by their pattern as well.
export function deviations(data, palette, width, at) {
  const names = Math.min(260, width * 0.4);
  const height = data.lines.length * 40 + 76;
  return {
    height,
    option: {
      legend: { top: 0, left: 0, itemWidth: 28, textStyle: { color: palette.ink, fontSize: SMALL, fontFamily: palette.font } },
      grid: { left: names + 8, right: 44, top: 36, bottom: 32 },
      color: [palette.accent, palette.strong],
      xAxis: {
        type: "value",
        boundaryGap: ["18%", "18%"],
        axisLabel: { color: palette.soft, fontSize: SMALL, hideOverlap: true },
        splitLine: { lineStyle: { color: palette.line } },
      },
      yAxis: {
        type: "category",
        inverse: true,
        data: data.lines.map((one) => one.name),
        axisLine: { onZero: true, lineStyle: { color: palette.ink } },
        axisTick: { show: false },
        axisLabel: {
          color: palette.ink,
          fontSize: SMALL,
          width: names,
          overflow: "truncate",
          interval: 0,
        },
      },
      series: data.series.map((one, place) => ({
        type: "bar",
        name: one.name,
        barMaxWidth: 12,
        data: one.values.map((value, index) => ({
          value,
          stop: index * data.series.length + place,
          itemStyle:
            at === index * data.series.length + place ? { borderColor: palette.ink, borderWidth: 3 } : undefined,
          label: { show: value !== null, position: value < 0 ? "left" : "right", formatter: one.labels[index] },
        })),
        label: { color: palette.ink, fontSize: 11, fontFamily: palette.font },
        emphasis: { disabled: true },
      })),
    },
  };
}
