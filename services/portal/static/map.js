// The map of a dataset's page: its tiles over plain ground, with a graticule, and a choice of time.
import {
  GlobeControl, Map, NavigationControl, ScaleControl, setWorkerUrl,
} from "./vendor/maplibre-gl/maplibre-gl.mjs";

const element = document.getElementById("map");
const data = JSON.parse(document.getElementById("map-data").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const MERCATOR_LIMIT = 85.05;
const COAST = new URL("./vendor/world-atlas/coast.json", import.meta.url).href;

setWorkerUrl(new URL("./vendor/maplibre-gl/maplibre-gl-worker.mjs", import.meta.url).href);

function graticule(step) {
  const features = [];
  const line = (coordinates, heavy) =>
    features.push({ type: "Feature", properties: { heavy }, geometry: { type: "LineString", coordinates } });
  for (let x = -180; x <= 180; x += step) {
    line(Array.from({ length: 35 }, (_, n) => [x, -85 + n * 5]), x === 0);
  }
  for (let y = -90 + step; y < 90; y += step) {
    line(Array.from({ length: 73 }, (_, n) => [-180 + n * 5, y]), y === 0);
  }
  return { type: "FeatureCollection", features };
}

// tile URLs without a host: MapLibre asks for absolute ones
const absolute = (path) => location.origin + path;
const timed = (time) => [absolute(data.tiles.replace("{time}", time))];

function bounds() {
  const [west, south, east, north] = data.bbox;
  const limit = (y) => Math.max(-MERCATOR_LIMIT, Math.min(MERCATOR_LIMIT, y));
  return [[west, limit(south)], [west > east ? east + 360 : east, limit(north)]];
}

// The whole world once, as wide as the map, with more of the north, where most land lies: fitted to the map's height
// it would stand there three times. Anything smaller is fitted.
function view() {
  const box = bounds();
  const [[west, south], [east, north]] = box;
  if (east - west < 359) return { bounds: box, fitBoundsOptions: { padding: 12 } };
  const latitude = north - south > 120 ? 15 : (south + north) / 2;
  return { center: [(west + east) / 2, latitude], zoom: Math.log2(element.clientWidth / 512) };
}

async function zooms() {
  try {
    const response = await fetch(data.tilejson, { headers: { Accept: "application/json" } });
    if (!response.ok) return {};
    const { minzoom, maxzoom } = await response.json();
    return { ...(minzoom >= 0 && { minzoom }), ...(maxzoom >= 0 && { maxzoom }) };
  } catch {
    return {};
  }
}

function say(text) {
  element.querySelector(".still")?.remove();
  const note = document.createElement("p");
  note.className = "still";
  note.textContent = text;
  element.append(note);
}

function style(levels) {
  const line = dark ? "#ffffff" : "#10202c";
  return {
    version: 8,
    sources: {
      data: { type: "raster", tiles: timed(data.time), tileSize: 256, minzoom: 0, maxzoom: 12, ...levels,
              ...(data.attribution && { attribution: escaped(data.attribution) }) },
      graticule: { type: "geojson", data: graticule(30) },
      coast: { type: "geojson", data: COAST },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": dark ? "#131c23" : "#e9eef1" } },
      { id: "data", type: "raster", source: "data",
        paint: { "raster-fade-duration": 0, "raster-resampling": "nearest" } },
      { id: "graticule", type: "line", source: "graticule",
        paint: { "line-color": line, "line-opacity": 0.22, "line-width": ["case", ["get", "heavy"], 1.2, 0.6] } },
      { id: "coast", type: "line", source: "coast", paint: { "line-color": line, "line-opacity": 0.55, "line-width": 0.8 } },
    ],
  };
}

function escaped(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
}

// One time after another without a new page: the tiles, the words, the steps and the URLs to copy follow.
function chooseTimes(map) {
  const input = document.getElementById("time");
  if (!input) return;
  const steps = { earlier: document.getElementById("earlier"), later: document.getElementById("later") };
  const moment = document.getElementById("moment");
  const listed = input instanceof HTMLSelectElement;
  let path = data.time;

  const follow = (link, label) => {
    link.toggleAttribute("aria-disabled", !label);
    link.dataset.label = label ?? "";
    if (!label) { link.removeAttribute("href"); return; }
    const url = new URL(location.href);
    url.searchParams.set("datetime", label);
    link.href = url.href;
  };
  const show = (found) => {
    map.getSource("data").setTiles(timed(found.path));
    retime(path, found.path, found.time);
    path = found.path;
    if (listed) input.value = found.time;
    else input.value = { date: found.time.slice(0, 10), "datetime-local": found.time.slice(0, 16) }[input.type] ?? found.time;
    moment.textContent = listed ? input.selectedOptions[0].text : found.time.replace("T", " ").replace(/(:00)?Z$/, " UTC");
    follow(steps.earlier, found.earlier);
    follow(steps.later, found.later);
    const url = new URL(location.href);
    url.searchParams.set("datetime", found.time);
    history.replaceState(null, "", url);
  };
  const ask = async (label) => {
    const url = new URL(absolute(data.times));
    url.searchParams.set("datetime", label);
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    input.setCustomValidity(answer?.ok ? "" : input.dataset.unknown ?? "?");
    if (answer?.ok) show(await answer.json());
    else input.reportValidity();
  };

  for (const link of Object.values(steps)) {
    link.dataset.label = link.href ? new URL(link.href).searchParams.get("datetime") : "";
    link.addEventListener("click", (event) => {
      event.preventDefault();
      if (link.dataset.label) ask(link.dataset.label);
    });
    link.setAttribute("role", "button");
  }
  input.addEventListener("change", () => { if (input.value) ask(input.value); });
  input.form.addEventListener("submit", (event) => {
    event.preventDefault();
    if (input.value) ask(input.value);
  });
  for (const button of input.form.querySelectorAll("button")) button.hidden = true; // a change is enough
}

// The URLs that hold the time that is shown: in paths, and as datetime=.
function retime(before, after, label) {
  const changed = (text) => text
    .replace(`/${before}/`, `/${after}/`)
    .replace(/datetime=[^&]*/, `datetime=${encodeURIComponent(label).replaceAll("%3A", ":")}`);
  for (const element of document.querySelectorAll("[data-timed]")) {
    if (element instanceof HTMLAnchorElement) element.href = changed(element.getAttribute("href"));
    else element.textContent = changed(element.textContent);
  }
}

function degrees(value, positive, negative) {
  return `${Math.abs(value).toFixed(2)}°${value >= 0 ? positive : negative}`;
}

function showCoordinates(map) {
  const label = document.createElement("div");
  label.className = "coordinates";
  element.append(label);
  map.on("mousemove", ({ lngLat }) => {
    const { lng, lat } = lngLat.wrap();
    label.textContent = `${degrees(lng, "E", "W")} ${degrees(lat, "N", "S")}`;
  });
  map.on("mouseout", () => { label.textContent = ""; });
}

async function draw() {
  let map;
  try {
    map = new Map({
      container: element, style: style(await zooms()), ...view(),
      maxZoom: 16, renderWorldCopies: true, attributionControl: { compact: false, customAttribution: "MapLibre" },
    });
  } catch {
    say(element.dataset.failed);
    return;
  }
  map.addControl(new NavigationControl({ visualizePitch: false }), "top-right");
  map.addControl(new GlobeControl(), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 120 }), "top-left");
  map.once("error", ({ error }) => { if (error?.status >= 500) say(element.dataset.tilesFailed); });
  chooseTimes(map);
  map.once("idle", () => document.querySelector(".preview")?.remove());
  showCoordinates(map);
}

draw();
