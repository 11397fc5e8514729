// One picture, one description: the browser and the server draw from the same option, so that what stands in a
// document is what stands on the screen.
import { deviations, stages } from "./bars";
import { bullet } from "./bullet";
import { comparison } from "./comparison";
import { multiples, trend } from "./lines";
import { tiles } from "./tiles";

const KINDS = { bullet, comparison, deviations, multiples, stages, tiles, trend };

// What a picture is drawn with where no page lends its tokens: on paper, black on white with one hue.
export const PAPER = {
  ink: "#1b2320",
  soft: "#4c5954",
  line: "#d3dad7",
  strong: "#75827c",
  accent: "#1d5c43",
  onAccent: "#ffffff",
  surface: "#ffffff",
  sunk: "#edf1ef",
  font: "Noto Sans SC, PingFang SC, Microsoft YaHei, WenQuanYi Micro Hei, sans-serif",
};

// Return {height, option} of a chart at a width in pixels; `at` is the place the reader's keys stand on, −1 for none.
export function draw(chart, palette, width, at = -1) {
  const { height, option } = KINDS[chart.kind](chart.data, { ...palette, sign: chart.sign }, width, at);
  return {
    height,
    option: {
      animation: false,
      textStyle: { fontFamily: palette.font, color: palette.ink },
      aria: { enabled: true, label: { description: chart.alt }, decal: { show: chart.kind === "deviations" } },
      ...option,
    },
  };
}
