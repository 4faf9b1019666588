// A histogram for eyes and for screen readers.
import uPlot from "../../vendor/uplot/uplot.mjs";
import { element, words, written } from "../page.js";

const HEIGHT = 200;
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const percent = (share) => `${(100 * share).toFixed(share < 0.1 ? 1 : 0)} %`;

/**
 * Draws a histogram into a place.
 * @param {HTMLElement} place
 * @param {{low: number, high: number, fraction: number}[]} bins
 * @param {string} unit
 */
export function histogram(place, bins, unit) {
  const most = bins.reduce((a, b) => (a.fraction >= b.fraction ? a : b));
  const sentence = `${words.histogram}: ${written(bins[0].low)} – ${written(bins[bins.length - 1].high)} ${unit}; ${
    words.most_frequent} ${written(most.low)} – ${written(most.high)} (${percent(most.fraction)})`;
  const box = element("div", { class: "plot low", role: "img", "aria-label": sentence });
  const live = element("output", { class: "hint" });
  place.append(element("h4", {}, words.histogram), box, live);
  const ink = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") } };
  const plot = new uPlot({
    width: box.clientWidth || 500, height: HEIGHT, legend: { show: false }, padding: [10, 16, 0, 0],
    scales: { x: { time: false }, y: { range: [0, Math.max(...bins.map((bin) => bin.fraction)) * 105] } },
    cursor: { y: false, drag: { x: false, y: false } },
    series: [{}, { stroke: css("--accent"), fill: css("--accent"), width: 0, points: { show: false },
      paths: uPlot.paths.bars?.({ size: [0.92, Infinity], align: 0 }) }],
    axes: [{ ...ink, label: unit, labelSize: 18, ...(unit ? {} : { label: undefined }) }, { ...ink, size: 52, values: (_, splits) => splits.map((y) => `${y} %`) }],
    hooks: { setCursor: [(chart) => {
      const bin = bins[chart.cursor.idx ?? -1];
      live.textContent = bin ? `${written(bin.low)} – ${written(bin.high)} ${unit}: ${percent(bin.fraction)}` : "";
    }] },
  }, [bins.map((bin) => (bin.low + bin.high) / 2), bins.map((bin) => bin.fraction * 100)], box);
  new ResizeObserver(() => { if (box.clientWidth) plot.setSize({ width: box.clientWidth, height: HEIGHT }); }).observe(box);
}
