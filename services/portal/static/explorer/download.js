// The download form: says how large the answer will be, and gives the same request as a URL, for curl, xarray and R.
import { Draw } from "./region/draw.js";
import { boundsOf, boxPolygon, Outline } from "./view/outline.js";
import { absolute, button, copy, data, element, json, words } from "./page.js";

const form = /** @type {HTMLFormElement | null} */ (document.getElementById("download-form"));

/** Bytes as people read them. */
function size(bytes) {
  const units = ["B", "kB", "MB", "GB", "TB"];
  let step = 0;
  while (bytes >= 1000 && step < units.length - 1) { bytes /= 1000; step += 1; }
  return `${bytes < 10 ? bytes.toFixed(1) : Math.round(bytes)} ${units[step]}`;
}

const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);

/** The share of the data that a box covers, by degrees; 1 at most. */
function share(box) {
  const [west, south, east, north] = data.bbox;
  const width = (east < west ? east + 360 : east) - west || 1;
  const [w, s, e, n] = box;
  const across = Math.min(width, Math.max(0, (e < w ? e + 360 : e) - w)) / width;
  const up = Math.max(0, Math.min(n, north) - Math.max(s, south)) / (north - south || 1);
  return Math.min(1, across) * Math.min(1, up);
}

/** The ids of the variables that are chosen. */
const variables = () => new FormData(form).getAll("properties").map(String);

/** @returns {string} the URL of what the form asks for */
function request() {
  const url = new URL(form.action);
  url.searchParams.set("properties", variables().join(","));
  for (const [name, value] of new FormData(form)) {
    if (name === "properties") continue;
    const isOwn = name === "crs" && /** @type {HTMLSelectElement} */ (form.elements.namedItem("crs")).selectedIndex === 0;
    if (typeof value === "string" && value && !isOwn) url.searchParams.append(name, value);
  }
  return url.href.replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
}

/** The stored files of the variables in the period, with their checksums. */
function wget() {
  const datetime = String(new FormData(form).get("datetime") ?? "");
  return variables().map((variable) => {
    const query = new URLSearchParams({ variable, ...(datetime && { datetime }) });
    const list = (name) => `"${absolute(`${data.collection}/files.${name}`)}?${query.toString().replaceAll("%3A", ":").replaceAll("%2F", "/")}"`;
    return `curl -s ${list("txt")} | wget -i -\ncurl -s ${list("sha256")} | sha256sum -c`;
  }).join("\n");
}

function texts(url, format) {
  const file = `${data.dataset}.${{ netcdf: "nc", geotiff: "tif", cog: "tif", csv: "csv", covjson: "json", png: "png" }[format] ?? "dat"}`;
  const fetched = `import urllib.request\n\nurllib.request.urlretrieve("${url}", "${file}")\n`;
  const python = {
    netcdf: `${fetched}\nimport xarray\n\ndata = xarray.open_dataset("${file}")\nprint(data)`,
    csv: `import pandas\n\ndata = pandas.read_csv("${url}")\nprint(data)`,
  }[format] ?? (format.endsWith("g") && format !== "png" || format === "geotiff"
    ? `${fetched}\nimport rioxarray\n\ndata = rioxarray.open_rasterio("${file}", mask_and_scale=True)\nprint(data)` : fetched);
  const reads = { netcdf: `data <- rast("${file}")`, geotiff: `data <- rast("${file}")`, cog: `data <- rast("${file}")`, csv: `data <- read.csv("${file}")` }[format];
  const r = `download.file("${url}", "${file}", mode = "wb")\n${reads?.includes("rast") ? "library(terra)\n" : ""}${reads ?? ""}`;
  return [["URL", url], ["curl", `curl -o ${file} "${url}"`], [format === "netcdf" ? "xarray" : "Python", python], ["R", r.trim()], ["wget", wget()]];
}

/** How many times a period has, by what was last heard of it. */
const counts = new globalThis.Map();

/** The number of times that the form asks for; asks the server for that of a period, and shows it when it is known. */
function stepCount() {
  const text = String(new FormData(form).get("datetime") ?? "");
  if (!text || !data.label || text === data.label) return 1;
  if (!counts.has(text)) {
    counts.set(text, 1);
    const url = new URL(absolute(data.times));
    url.searchParams.set("datetime", text);
    url.searchParams.set("limit", "1");
    json(url.href).then(({ numberMatched }) => { counts.set(text, Math.max(1, numberMatched)); show(); }).catch(() => {});
  }
  return counts.get(text);
}

function show() {
  const values = new FormData(form);
  const box = String(values.get("bbox") ?? "").split(",").map(Number);
  const { width, height, bytes, limit } = data.download;
  const cells = Math.round(width * height * (box.length === 4 && box.every(Number.isFinite) ? share(box) : 1));
  const chosen = variables();
  const each = chosen.reduce((sum, id) => sum + (bytes[id] ?? 4), 0);
  const subsets = values.getAll("subset").map(String);
  const layers = (subsets.includes("level(*)") ? data.levels.length : 1) * (subsets.includes("member(*)") ? data.members.length : 1);
  const all = cells * stepCount() * Math.max(1, layers) * chosen.length;
  const told = [filled(words.download_cells, { cells: all.toLocaleString(), limit: limit.toLocaleString() })];
  told.unshift(filled(words.download_size, { size: size(all / (chosen.length || 1) * each) }));
  const output = document.getElementById("download-size");
  output.textContent = told.join(" · ");
  output.classList.toggle("over", all > limit);
  const shown = texts(request(), String(values.get("f")));
  document.getElementById("download-texts").replaceChildren(...shown.map(([name, text]) => {
    const copied = button(name, () => copy(copied, text), { title: text });
    return copied;
  }));
}

/** At least one variable, as the browser says of a field that is required. */
function requireVariable() {
  const [first] = /** @type {NodeListOf<HTMLInputElement>} */ (form.querySelectorAll("input[type=checkbox][name=properties]"));
  first?.setCustomValidity(variables().length ? "" : words.choose_variable);
}

/** The field of the box: typed, taken from the view, or drawn on the map, which shows it. */
function boxField(map, place) {
  const field = /** @type {HTMLInputElement} */ (form.elements.namedItem("bbox"));
  const outline = new Outline(map, "download");
  const corners = () => {
    const box = field.value.split(",").map(Number);
    return box.length === 4 && box.every(Number.isFinite) && box[1] < box[3] ? box : null;
  };
  const outlined = () => {
    const box = corners();
    if (box) outline.show(boxPolygon([box[0], box[1], box[2] < box[0] ? box[2] + 360 : box[2], box[3]]));
    else outline.clear();
  };
  const set = (box) => { field.value = box.map((value) => Number(value.toFixed(4))).join(","); outlined(); show(); };
  const draw = new Draw(map, outline, place, (geometry) => {
    if (geometry) set(boundsOf(geometry).map((value, n) => n % 2 ? value : (value + 540) % 360 - 180));
    else outlined();
    form.scrollIntoView({ block: "nearest" });
  });
  const view = () => {
    const shown = map.getBounds();
    const [west, south, east, north] = data.bbox;
    const whole = east < west;
    set([
      whole ? shown.getWest() : Math.max(west, shown.getWest()), Math.max(south, shown.getSouth()),
      whole ? shown.getEast() : Math.min(east, shown.getEast()), Math.min(north, shown.getNorth()),
    ]);
  };
  field.addEventListener("change", outlined);
  field.closest("label").after(element("p", { class: "pick" }, button(words.draw_box, () => draw.box()), button(words.use_view, view)));
}

/** Pickers of a first and a last day, which fill the field of the time; all times at once by a button. */
function periodField() {
  const field = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("datetime"));
  if (!field || !data.label || data.first === data.last) return;
  const set = (text) => { field.value = text; show(); };
  /** @type {HTMLElement[]} */
  const picks = [button(words.all_times, () => set("../.."))];
  if (data.gregorian) {
    const [from, to] = [words.range_from, words.range_to].map((label) =>
      element("input", { type: "date", min: day(data.first), max: day(data.last, true), value: day(data.label), "aria-label": `${words.time}: ${label}` }));
    const fill = () => {
      if (!from.value || !to.value) return;
      if (from.value > to.value) to.value = from.value;
      set(from.value === to.value ? from.value : `${from.value}/${to.value}`);
    };
    for (const input of [from, to]) input.addEventListener("change", fill);
    picks.unshift(element("label", { class: "row" }, words.range_from, from), element("label", { class: "row" }, words.range_to, to));
  }
  field.closest("label").after(element("p", { class: "pick" }, ...picks));
}

/** The day of a label; of one that is a month or a year, its first or its last. */
function day(label, last = false) {
  const [date] = label.split("T"), [year, month = last ? "12" : "01"] = date.split("-");
  if (date.length >= 10) return date;
  return `${year}-${month}-${last ? new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate() : "01"}`;
}

/**
 * Makes the form live.
 * @param {import("../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
 * @param {import("./time/timeline.js").Timeline} timeline
 * @param {import("./charts/place.js").Place} place which is silent while a box is drawn
 */
export function prepareDownload(map, timeline, place) {
  if (!form) return;
  boxField(map, place);
  periodField();
  form.addEventListener("input", () => { requireVariable(); show(); });
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    requireVariable();
    if (form.reportValidity()) location.assign(absolute(request()));
  });
  timeline.onTime((label) => {
    const time = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("datetime"));
    if (time) time.value = label;
    show();
  });
  show();
}
