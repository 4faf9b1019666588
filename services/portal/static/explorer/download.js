// The download form: says how large the answer will be, and gives the same request as a URL, for curl, xarray and R.
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

/** @returns {string} the URL of what the form asks for */
function request() {
  const url = new URL(form.action);
  for (const [name, value] of new FormData(form)) {
    const isOwn = name === "crs" && /** @type {HTMLSelectElement} */ (form.elements.namedItem("crs")).selectedIndex === 0;
    if (typeof value === "string" && value && !isOwn) url.searchParams.append(name, value);
  }
  return url.href.replaceAll("%2C", ",").replaceAll("%3A", ":").replaceAll("%2F", "/");
}

/** The stored files of the variable in the period, with their checksums. */
function wget() {
  const chosen = new FormData(form);
  const query = new URLSearchParams({ variable: String(chosen.get("properties")), ...(chosen.get("datetime") && { datetime: String(chosen.get("datetime")) }) });
  const list = (name) => `"${absolute(`${data.collection}/files.${name}`)}?${query.toString().replaceAll("%3A", ":").replaceAll("%2F", "/")}"`;
  return `curl -s ${list("txt")} | wget -i -\ncurl -s ${list("sha256")} | sha256sum -c`;
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
  const each = String(values.get("properties")).split(",").reduce((sum, id) => sum + (bytes[id] ?? 4), 0);
  const levels = String(values.get("subset") ?? "").includes("(*)") ? Math.max(1, data.levels.length) : 1;
  const all = cells * stepCount() * levels;
  const told = [filled(words.download_cells, { cells: all.toLocaleString(), limit: limit.toLocaleString() })];
  told.unshift(filled(words.download_size, { size: size(all * each) }));
  const output = document.getElementById("download-size");
  output.textContent = told.join(" · ");
  output.classList.toggle("over", all > limit);
  const shown = texts(request(), String(values.get("f")));
  document.getElementById("download-texts").replaceChildren(...shown.map(([name, text]) => {
    const copied = button(name, () => copy(copied, text), { title: text });
    return copied;
  }));
}

/**
 * Makes the form live.
 * @param {import("../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
 * @param {import("./timeline.js").Timeline} timeline
 */
export function prepareDownload(map, timeline) {
  if (!form) return;
  const box = /** @type {HTMLInputElement} */ (form.elements.namedItem("bbox"));
  const fill = () => {
    const view = map.getBounds();
    const [west, south, east, north] = data.bbox;
    const whole = east < west;
    const corners = [
      whole ? view.getWest() : Math.max(west, view.getWest()), Math.max(south, view.getSouth()),
      whole ? view.getEast() : Math.min(east, view.getEast()), Math.min(north, view.getNorth()),
    ];
    box.value = corners.map((value) => Number(value.toFixed(4))).join(",");
    show();
  };
  box.after(button(words.use_view, fill));
  form.addEventListener("input", show);
  form.addEventListener("change", show);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (form.reportValidity()) location.assign(absolute(request()));
  });
  timeline.onTime((label) => {
    const time = /** @type {HTMLInputElement | null} */ (form.elements.namedItem("datetime"));
    if (time) time.value = label;
    show();
  });
  show();
}
