// The map of a dataset's page: its tiles over plain ground, with a graticule, and a choice of time.
import {
  GlobeControl, Map, NavigationControl, ScaleControl, setWorkerUrl,
} from "./vendor/maplibre-gl/maplibre-gl.mjs";

const element = document.getElementById("map");
const data = JSON.parse(document.getElementById("map-data").textContent);
const dark = matchMedia("(prefers-color-scheme: dark)").matches;
const MERCATOR_LIMIT = 85.05;

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
  element.querySelector(".empty")?.remove();
  const note = document.createElement("p");
  note.className = "empty";
  note.textContent = text;
  element.append(note);
}

function style(levels) {
  const time = data.times.length ? data.times.at(-1).path : data.latest;
  const line = dark ? "#ffffff" : "#10202c";
  return {
    version: 8,
    sources: {
      data: { type: "raster", tiles: timed(time), tileSize: 256, minzoom: 0, maxzoom: 12, ...levels,
              ...(data.attribution && { attribution: escaped(data.attribution) }) },
      graticule: { type: "geojson", data: graticule(30) },
    },
    layers: [
      { id: "ground", type: "background", paint: { "background-color": dark ? "#131c23" : "#e9eef1" } },
      { id: "data", type: "raster", source: "data",
        paint: { "raster-fade-duration": 0, "raster-resampling": "nearest" } },
      { id: "graticule", type: "line", source: "graticule",
        paint: { "line-color": line, "line-opacity": 0.22, "line-width": ["case", ["get", "heavy"], 1.2, 0.6] } },
    ],
  };
}

function escaped(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
}

function chooseTimes(map) {
  const range = document.getElementById("time");
  if (!range) return;
  const moment = document.getElementById("moment");
  let waiting;
  const show = () => {
    const step = data.times[range.valueAsNumber];
    moment.textContent = step.label;
    range.setAttribute("aria-valuetext", step.label);
    clearTimeout(waiting); // a dragged slider passes many times: ask for the tiles of the one it rests on
    waiting = setTimeout(() => map.getSource("data").setTiles(timed(step.path)), 120);
  };
  const move = (by) => { range.value = range.valueAsNumber + by; show(); };
  range.addEventListener("input", show);
  document.getElementById("earlier").addEventListener("click", () => move(-1));
  document.getElementById("later").addEventListener("click", () => move(1));
  range.closest(".times").hidden = false;
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
  map.once("load", () => chooseTimes(map));
  showCoordinates(map);
}

draw();
