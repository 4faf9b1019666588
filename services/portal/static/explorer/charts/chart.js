// A line chart for eyes, keyboards and screen readers: zoom by dragging, read by moving, take away as CSV or PNG.
import uPlot from "../../vendor/uplot/uplot.mjs";
import { button, data, element, language, moment, save, words, written } from "../page.js";
import { instant } from "../time/times.js";

const HEIGHT = 240;

const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/**
 * @typedef {object} Line
 * @property {string[]} labels what each value stands at: times, or levels
 * @property {(number | null)[]} values in the unit
 * @property {string} title what the chart shows
 * @property {string} unit of the values
 * @property {"time" | "level"} axis
 * @property {string} name of the files that are saved
 * @property {(label: string) => void} [pick] called with the label of a point that is clicked
 */

/**
 * Draws a chart into a place, instead of what was there.
 * @param {HTMLElement} place
 * @param {Line} line
 */
export function chart(place, line) {
  const dated = line.axis === "time" && data.gregorian;
  const numeric = line.axis === "level" && line.labels.every((label) => Number.isFinite(Number(label)));
  const xs = line.labels.map((label, n) => (dated ? instant(label) / 1000 : numeric ? Number(label) : n));
  const order = xs.map((_, n) => n).sort((a, b) => xs[a] - xs[b]);
  const ys = order.map((n) => line.values[n]);
  const box = element("div", { class: "plot", role: "img", "aria-label": sentence(line), tabIndex: 0 });
  const live = element("output", { class: "hint", "aria-live": "polite" });
  place.replaceChildren(box, live);
  const ink = { stroke: css("--soft"), grid: { stroke: css("--line"), width: 1 }, ticks: { stroke: css("--line") } };
  const names = (_, splits) => splits.map((x) => (Number.isInteger(x) ? line.labels[x] ?? "" : ""));
  const plot = new uPlot({
    width: box.clientWidth || 600,
    height: HEIGHT,
    tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1000), "Etc/UTC"),
    scales: { x: { time: dated } },
    legend: { show: false },
    padding: [10, 32, 0, 0],
    cursor: { y: false },
    series: [{}, { stroke: css("--accent"), width: 1.5, points: { show: line.labels.length < 100 }, spanGaps: false }],
    axes: [
      { ...ink, ...(dated ? { values: dates, space: 88 } : numeric ? {} : { values: names }) },
      { ...ink, size: 64, label: line.unit, labelSize: 18 },
    ],
    hooks: {
      setCursor: [(chart_) => {
        const n = chart_.cursor.idx;
        live.textContent = n === null || n === undefined ? "" : told(line, order[n]);
      }],
    },
  }, [order.map((n) => xs[n]), ys], box);
  box.addEventListener("keydown", (event) => walk(event, plot, ys.length));
  box.addEventListener("dblclick", () => plot.setData(plot.data));
  box.addEventListener("click", () => {
    const n = plot.cursor.idx;
    if (n !== null && n !== undefined && line.pick) line.pick(line.labels[order[n]]);
  });
  new ResizeObserver(() => { if (box.clientWidth) plot.setSize({ width: box.clientWidth, height: HEIGHT }); }).observe(box);
  place.append(element("p", { class: "row" },
    button("CSV", () => save(new Blob([csv(line)], { type: "text/csv" }), `${line.name}.csv`)),
    button("PNG", () => picture(plot, line).toBlob((blob) => { if (blob) save(blob, `${line.name}.png`); }))),
    table(line));
}

const dates = (_, splits, __, ___, step) => splits.map((seconds) => {
  /** @type {Intl.DateTimeFormatOptions} */
  const options = step >= 86400 * 300 ? { year: "numeric" }
    : step >= 86400 * 27 ? { year: "numeric", month: "short" }
      : step >= 86400 ? { month: "short", day: "numeric" } : { hour: "2-digit", minute: "2-digit" };
  return new Intl.DateTimeFormat(language, { ...options, timeZone: "UTC" }).format(new Date(seconds * 1000));
});

const told = (line, n) =>
  `${line.axis === "time" ? moment(line.labels[n]) : `${line.labels[n]} ${data.levelUnit}`}: ${
    line.values[n] === null ? words.no_data : `${written(line.values[n])} ${line.unit}`}`;

/** What the chart says, in one sentence, for who cannot see it. */
function sentence(line) {
  const known = line.values.filter((value) => value !== null);
  if (!known.length) return `${line.title}: ${words.no_data}`;
  const least = known.reduce((a, b) => Math.min(a, b)), most = known.reduce((a, b) => Math.max(a, b));
  const mean = known.reduce((a, b) => a + b, 0) / known.length;
  const span = `${moment(line.labels[0])} – ${moment(line.labels[line.labels.length - 1])}`;
  return `${line.title}, ${span}: ${words.minimum} ${written(least)}, ${words.maximum} ${written(most)}, ${words.mean} ${written(mean)} ${line.unit}`;
}

function walk(event, plot, count) {
  const step = { ArrowLeft: -1, ArrowRight: 1, Home: -count, End: count }[event.key];
  if (!step) return;
  event.preventDefault();
  const n = Math.max(0, Math.min(count - 1, (plot.cursor.idx ?? 0) + step));
  plot.setCursor({ left: plot.valToPos(plot.data[0][n], "x"), top: 10 });
}

const quoted = (text) => (/[",\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text);

function csv(line) {
  const head = [line.axis, quoted(line.unit ? `${line.title} [${line.unit}]` : line.title)].join(",");
  return [head, ...line.labels.map((label, n) => `${quoted(label)},${line.values[n] ?? ""}`)].join("\r\n") + "\r\n";
}

/** The chart with its title, which on the page is text. */
function picture(plot, line) {
  const source = plot.ctx.canvas;
  const canvas = document.createElement("canvas");
  const ratio = devicePixelRatio || 1, head = 36 * ratio;
  [canvas.width, canvas.height] = [source.width, source.height + head];
  const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
  context.fillStyle = css("--card");
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.fillStyle = css("--ink");
  context.font = `${14 * ratio}px system-ui, sans-serif`;
  context.fillText(line.title, 12 * ratio, 22 * ratio);
  context.drawImage(source, 0, head);
  return canvas;
}

const MOST_ROWS = 1000;

function table(line) {
  const rows = element("tbody");
  const details = element("details", {}, element("summary", {}, words.as_table));
  details.addEventListener("toggle", () => {
    if (!details.open || rows.childElementCount) return;
    for (let n = 0; n < Math.min(MOST_ROWS, line.labels.length); n += 1) {
      const value = line.values[n];
      rows.append(element("tr", {}, element("th", { scope: "row" }, line.labels[n]),
        element("td", { class: "number" }, value === null ? "–" : written(value))));
    }
  }, { once: false });
  details.append(element("div", { class: "scroll", tabIndex: 0 }, element("table", {}, rows)));
  return details;
}
