// The answer to a region: statistics of its cells at the time that is shown, their histogram, and their mean over time.
import { histogram } from "../charts/bars.js";
import { chart } from "../charts/chart.js";
import { absolute, button, copy, data, element, json, moment, post, words, written } from "../page.js";

const QUANTILES = [0.05, 0.25, 0.75, 0.95];
const SHOWN = ["mean", "median", "min", "max", "stdev", "quantile_5", "quantile_25", "quantile_75", "quantile_95"];
const LONGEST_WKT = 6000;
const MOST_CELLS_NOW = 40_000_000;
const MOST_VALUES_NOW = 400_000_000;

/**
 * @typedef {object} ChosenRegion
 * @property {string} title
 * @property {string | null} id of a named region
 * @property {GeoJSON.Polygon | GeoJSON.MultiPolygon} geometry
 * @property {number} cells about how many cells lie in its box
 */

/** The execute request for the statistics of a region. */
export function request(region, label, more = {}) {
  const classes = data.kind === "categorical";
  const statistics = classes ? ["count", "majority", "fractions", "valid_fraction"]
    : ["count", "mean", "median", "min", "max", "stdev", "quantiles", "histogram", "valid_fraction"];
  const inputs = {
    collection: data.dataset, variable: data.variable, polygons: { type: "Feature", properties: { name: region.title }, geometry: region.geometry },
    statistics, weights: data.geographic ? "area" : "coverage", repair: true,
    ...(classes ? {} : { quantiles: QUANTILES }), ...(label && { datetime: label }), ...(data.level && { level: data.level }), ...(data.member && { member: data.member }), ...more,
  };
  return { inputs, outputs: { statistics: { format: { mediaType: "application/json" } } } };
}

/**
 * Statistics of a region at a time, in a place of the page.
 * @param {HTMLElement} place
 * @param {ChosenRegion} region
 * @param {string | null} label
 * @param {AbortSignal} signal
 */
export async function showStatistics(place, region, label, signal) {
  if (region.cells > MOST_CELLS_NOW) { place.replaceChildren(element("p", { class: "hint" }, words.region_large)); return; }
  place.replaceChildren(element("p", { class: "hint" }, words.asking));
  const url = absolute(data.statistics);
  try {
    const answer = await post(url, request(region, label), signal);
    const row = answer.rows[0].statistics;
    if (!row.cells) { place.replaceChildren(element("p", { class: "hint" }, words.region_no_data)); return; }
    place.replaceChildren(element("p", { class: "value" }, ...headline(row), element("span", { class: "hint" }, ` ${label ? moment(label) : ""}`)));
    place.append(row.fractions ? shares(row.fractions) : numbers(row, answer.weights_unit));
    if (row.histogram?.length > 1) histogram(place, row.histogram, data.unit);
  } catch (error) {
    if (!signal.aborted) place.replaceChildren(element("p", { class: "hint", role: "alert" }, error.message));
  }
}

const headline = (row) => (row.fractions ? [row.majority_title ? spoken(row.majority_title) : String(row.majority)]
  : [`${words.mean} ${written(row.mean)} ${data.unit}`]);

const spoken = (title) => title[document.documentElement.lang.startsWith("zh") ? "zh" : "en"] ?? Object.values(title)[0] ?? "";

function numbers(row, weightsUnit) {
  const list = element("dl", { class: "facts-list numbers" });
  const add = (name, text) => list.append(element("div", {}, element("dt", {}, name), element("dd", {}, text)));
  for (const name of SHOWN) {
    if (typeof row[name] === "number") add(words[name] ?? name, `${written(row[name])} ${data.unit}`);
  }
  add(words.count, row.cells.toLocaleString());
  if (weightsUnit === "m2") add(words.area_with_data, `${Math.round(row.count / 1e6).toLocaleString()} km²`);
  if (typeof row.valid_fraction === "number") add(words.valid_fraction, `${(100 * row.valid_fraction).toFixed(1)} %`);
  return list;
}

function shares(fractions) {
  const rows = fractions.toSorted((a, b) => b.fraction - a.fraction).map(({ value, fraction, title }) =>
    element("tr", {}, element("th", { scope: "row" }, title ? spoken(title) : String(value)),
      element("td", {}, element("meter", { min: 0, max: 1, value: fraction, "aria-hidden": "true" })),
      element("td", { class: "number" }, `${(100 * fraction).toFixed(2)} %`)));
  return element("div", { class: "scroll", tabIndex: 0, role: "region", "aria-label": words.class_share }, element("table", {}, element("tbody", {}, ...rows)));
}

/** Where the mean over time is asked for; null if only a job can answer. */
export function seriesUrl(region, form = "CoverageJSON") {
  if (data.kind !== "continuous" || region.cells * data.count > MOST_VALUES_NOW) return null;
  const url = new URL(absolute(region.id ? `${data.edr}/locations/${region.id}` : `${data.edr}/area`));
  url.searchParams.set("parameter-name", data.variable);
  url.searchParams.set("statistics", "mean");
  if (data.level) url.searchParams.set("z", data.level);
  if (data.member) url.searchParams.set("member", data.member);
  url.searchParams.set("f", form);
  if (!region.id) {
    const text = wkt(region.geometry);
    if (text.length > LONGEST_WKT) return null;
    url.searchParams.set("coords", text);
  }
  return url.href.replaceAll("+", "%20");
}

function wkt({ type, coordinates }) {
  const polygon = (rings) => `(${rings.map((ring) => `(${ring.map(([x, y]) => `${x} ${y}`).join(",")})`).join(",")})`;
  return type === "Polygon" ? `POLYGON${polygon(coordinates)}` : `MULTIPOLYGON(${coordinates.map(polygon).join(",")})`;
}

/**
 * The mean of a region over time as a chart, or a button for the job that computes it.
 * @param {HTMLElement} place
 * @param {ChosenRegion} region
 * @param {(label: string) => void} pick
 * @param {AbortSignal} signal
 */
export async function showSeries(place, region, pick, signal) {
  if (data.first === data.last || data.kind !== "continuous") return;
  const url = seriesUrl(region);
  const heading = element("h4", {}, words.mean_over_time);
  if (!url) { place.replaceChildren(heading, element("p", { class: "hint" }, words.series_large), seriesJob(region)); return; }
  place.replaceChildren(heading, element("p", { class: "hint" }, words.asking));
  try {
    const { domain, ranges } = await json(url, signal);
    const inside = element("div", {});
    place.replaceChildren(heading, inside);
    const [range] = Object.values(ranges);
    chart(inside, {
      labels: domain.axes.t.values, values: range.values, title: `${data.title} · ${region.title} · ${words.mean}`,
      unit: data.unit, axis: "time", name: `${data.dataset}-${data.variable}-region`, pick,
    });
  } catch (error) {
    if (!signal.aborted) place.replaceChildren(heading, element("p", { class: "hint", role: "alert" }, error.message), seriesJob(region));
  }
}

/** A button that starts the time series of a region as a job, and then links it. */
function seriesJob(region) {
  const polygons = { type: "Feature", properties: { name: region.title }, geometry: region.geometry };
  const field = { collection: data.dataset, variable: data.variable, ...(data.level && { level: data.level }), ...(data.member && { member: data.member }) };
  return job(words.series_job, data.series, { inputs: { field, polygons, statistics: ["mean", "min", "max", "median"] } });
}

/** A button that starts the statistics of a region at every time as a job. */
export const statisticsJob = (region) =>
  job(words.statistics_job, data.statistics, request(region, data.first === data.last ? null : "../.."));

function job(text, url, body) {
  const place = element("span", { class: "row" });
  const start = button(text, async () => {
    start.disabled = true;
    try {
      const { jobID } = await post(absolute(url), body, undefined, { Prefer: "respond-async" });
      place.replaceChildren(element("a", { href: `${data.jobs}/${jobID}`, class: "job" }, words.job_link));
    } catch (error) {
      start.disabled = false;
      place.append(element("span", { class: "hint", role: "alert" }, error.message));
    }
  });
  place.append(start);
  return place;
}

/** The same as requests: to open, and to copy for curl and Python. */
export function requests(region, label) {
  const url = absolute(data.statistics), body = JSON.stringify(request(region, label));
  const csv = seriesUrl(region, "CSV");
  const copied = (text, value) => { const made = button(text, () => copy(made, value)); return made; };
  const curl = `curl -H 'Content-Type: application/json' -d '${body.replaceAll("'", "'\\''")}' '${url}'`;
  const python = `import json\nimport urllib.request\n\nbody = json.loads(${JSON.stringify(body)})\nrequest = urllib.request.Request(\n    "${url}", json.dumps(body).encode(), {"Content-Type": "application/json"}\n)\nwith urllib.request.urlopen(request) as answer:\n    statistics = json.load(answer)["rows"][0]["statistics"]\nprint(statistics)`;
  return element("p", { class: "row" },
    ...(csv && data.first !== data.last ? [element("a", { href: csv }, words.series_csv), copied(words.copy_url, csv)] : []),
    copied("curl", curl), copied("Python", python), statisticsJob(region));
}
