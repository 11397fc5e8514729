// Draws pictures without a browser: {width, charts} as JSON on stdin, a list of SVG texts as JSON on stdout.
import { readFileSync } from "node:fs";
import { echarts } from "./library";
import { PAPER, draw } from "./options";

function svgOf(chart, width) {
  const { height, option } = draw(chart, PAPER, width);
  const picture = echarts.init(null, null, { renderer: "svg", ssr: true, width, height });
  picture.setOption(option);
  const made = picture.renderToSVGString();
  picture.dispose();
  return made;
}

const asked = JSON.parse(readFileSync(0, "utf8"));
process.stdout.write(JSON.stringify(asked.charts.map((chart) => svgOf(chart, asked.width))));
