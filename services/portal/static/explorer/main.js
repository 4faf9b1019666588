// The page of a dataset: its data on a map, through time. What is done with them comes when they are shown (tools.js),
// so that the first map waits for nothing else.
import { FullscreenControl, Map, NavigationControl, ScaleControl, setWorkerUrl } from "../vendor/maplibre-gl/maplibre-gl.mjs";
import { Frames } from "./view/frames.js";
import { completeGround, bareGround } from "./view/ground.js";
import { ownLayer } from "./view/layers.js";
import { heldLook, lookQuery } from "./look/look_query.js";
import { addNames } from "./view/names.js";
import { data, degrees, element, words } from "./page.js";
import { chosenView, polarCrs, polarView, prepareProjection, styleProjection } from "./view/projections.js";
import { followView, heldView, state } from "./state.js";
import { Timeline } from "./time/timeline.js";

const MERCATOR_LIMIT = 85.05, NARROWEST_SCALE_PX = 40;
const place = /** @type {HTMLElement} */ (document.getElementById("map"));

setWorkerUrl(new URL("../vendor/maplibre-gl/maplibre-gl-worker.mjs", import.meta.url).href);

/** @returns {[[number, number], [number, number]]} */
function bounds() {
  const [west, south, east, north] = data.bbox;
  const limit = (y) => Math.max(-MERCATOR_LIMIT, Math.min(MERCATOR_LIMIT, y));
  return [[west, limit(south)], [west > east ? east + 360 : east, limit(north)]];
}

// The whole world once, as wide as the map, with more of the north, where most land lies: fitted to the map's height
// it would stand there three times. Anything smaller is fitted.
/** @returns {Partial<import("../vendor/maplibre-gl/maplibre-gl.mjs").MapOptions>} */
function firstView() {
  const held = heldView();
  if (polarCrs()) return { ...polarView(), ...held };
  if (held) return held;
  const box = bounds();
  const [[west, south], [east, north]] = box;
  if (east - west < 359) return { bounds: box, fitBoundsOptions: { padding: 12 } };
  if (chosenView() === "globe") return { center: [(west + east) / 2, (south + north) / 2], zoom: Math.log2(0.9 * Math.PI * place.clientHeight / 512) };
  const latitude = north - south > 120 ? 15 : (south + north) / 2;
  return { center: [(west + east) / 2, latitude], zoom: Math.log2(place.clientWidth / 512) };
}

function say(text) {
  place.querySelector(".still")?.remove();
  place.append(element("p", { class: "still" }, text));
}

/** The scale of the map; none at the rim of a globe and beside it, where it would say nothing. */
function addScale(map) {
  map.addControl(new ScaleControl({ maxWidth: 120 }), "top-left");
  const scale = /** @type {HTMLElement} */ (place.querySelector(".maplibregl-ctrl-scale"));
  const says = () => parseFloat(scale.style.width) > NARROWEST_SCALE_PX && !scale.textContent?.includes("NaN");
  map.on("move", () => scale.classList.toggle("hidden", !says()));
}

function showCoordinates(map) {
  const label = element("div", { class: "coordinates" });
  place.append(label);
  map.on("mousemove", ({ lngLat }) => {
    const { lng, lat } = lngLat.wrap();
    label.textContent = `${degrees(lng, "E", "W")} ${degrees(lat, "N", "S")}`;
  });
  map.on("mouseout", () => { label.textContent = ""; });
}

/** The frames of the data, in the look and at the opacity that the address names. */
function firstFrames() {
  const frames = new Frames(null, ownLayer());
  const { opacity = "1" } = state();
  frames.query = lookQuery(heldLook());
  frames.opacity = Number(opacity) || 0;
  return frames;
}

async function draw() {
  performance.mark("scripts");
  const frames = firstFrames();
  let map;
  try {
    await prepareProjection();
    map = new Map({
      container: place, style: frames.within({ ...bareGround(), ...styleProjection() }, data.time), maxZoom: 16, ...firstView(),
      renderWorldCopies: true, cooperativeGestures: true,
      attributionControl: { compact: false, customAttribution: "MapLibre" }, locale: words.map, validateStyle: false,
    });
  } catch {
    say(place.dataset.failed);
    return;
  }
  performance.mark("map made");
  const drawn = frames.begin(map);
  map.once("error", ({ error }) => { if (error?.status >= 500) say(place.dataset.tilesFailed); });
  map.addControl(new NavigationControl({ visualizePitch: false }), "top-right");
  map.addControl(new FullscreenControl({ container: place.closest(".viewer") }), "top-right");
  addScale(map);
  followView(map);
  showCoordinates(map);
  await map.once("style.load");
  const timeline = new Timeline(frames);
  await drawn;
  document.querySelector(".preview")?.remove();
  performance.mark("first map");
  completeGround(map);
  addNames(map, state().names !== "off");
  if (!document.body.classList.contains("embedded")) (await tools()).useTools(map, frames, timeline);
  await timeline.complete();
  performance.mark("all times");
}

/** The scripts of the tools: all of them are asked for at once, not each when another is found to need it. */
function tools() {
  const { later = "" } = place.dataset;
  const here = new URL("..", import.meta.url);
  for (const name of later.split(" ").filter(Boolean)) {
    document.head.append(element("link", { rel: "modulepreload", href: new URL(name, here).href }));
  }
  return import("./tools.js");
}

draw();
