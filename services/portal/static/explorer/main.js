// The page of a dataset: its data on a map, through time, at a place, in a box, and beside another time.
import { FullscreenControl, Map, NavigationControl, ScaleControl, setWorkerUrl } from "../vendor/maplibre-gl/maplibre-gl.mjs";
import { Compare } from "./compare.js";
import { prepareDownload } from "./download.js";
import { share } from "./embed.js";
import { Frames } from "./frames.js";
import { ground } from "./ground.js";
import { ownLayer } from "./layers.js";
import { chooseLook } from "./look.js";
import { addNames, showNames } from "./names.js";
import { button, data, degrees, element, moment, save, words } from "./page.js";
import { Place } from "./place.js";
import { chooseView, polarCrs, polarView, prepareProjection, styleProjection } from "./projections.js";
import { Regions } from "./regions.js";
import { followView, heldView, remember, state } from "./state.js";
import { Timeline } from "./timeline.js";

const MERCATOR_LIMIT = 85.05;
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
  const latitude = north - south > 120 ? 15 : (south + north) / 2;
  return { center: [(west + east) / 2, latitude], zoom: Math.log2(place.clientWidth / 512) };
}

function say(text) {
  place.querySelector(".still")?.remove();
  place.append(element("p", { class: "still" }, text));
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

/** The map as it stands, with its title and time, as a PNG. */
function savePicture(map, timeline) {
  map.once("render", () => {
    const source = map.getCanvas(), head = Math.round(source.width / 24);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [source.width, source.height + head];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, head);
    context.fillStyle = "#17212b";
    context.font = `${Math.round(head * 0.5)}px system-ui, sans-serif`;
    const label = timeline.label ?? data.label;
    const text = [data.title, data.level && `${data.level} ${data.levelUnit}`, label && moment(label), data.attribution];
    context.fillText(text.filter(Boolean).join(" · "), head * 0.4, head * 0.68, canvas.width - head * 0.8);
    canvas.toBlob((blob) => { if (blob) save(blob, `${data.dataset}-${data.variable}.png`); });
  });
  map.triggerRepaint();
}

/** Whether place names are shown, which they are unless the address says no. */
function chooseNames(map) {
  const box = element("input", { type: "checkbox", checked: state().names !== "off" });
  box.addEventListener("change", () => { showNames(map, box.checked); remember({ names: box.checked ? null : "off" }); });
  return element("label", {}, box, words.names);
}

function tools(map, timeline, parts) {
  const bar = element("div", { class: "tools", role: "group", "aria-label": words.tools },
    ...parts.map((part) => part.button), button(words.save_picture, () => savePicture(map, timeline)),
    chooseView(map, data.bbox), chooseNames(map));
  document.querySelector(".viewer .below").before(bar, ...parts.map((part) => part.panel));
}

async function draw() {
  const known = ownLayer();
  let map;
  try {
    await prepareProjection();
    map = new Map({
      container: place, style: { ...ground(), ...styleProjection() }, maxZoom: 16, ...firstView(), renderWorldCopies: true, cooperativeGestures: true,
      attributionControl: { compact: false, customAttribution: "MapLibre" }, locale: words.map,
    });
  } catch {
    say(place.dataset.failed);
    return;
  }
  map.addControl(new NavigationControl({ visualizePitch: false }), "top-right");
  map.addControl(new FullscreenControl({ container: place.closest(".viewer") }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 120 }), "top-left");
  map.once("error", ({ error }) => { if (error?.status >= 500) say(place.dataset.tilesFailed); });
  const [layer] = await Promise.all([known, map.once("style.load")]); // the ground need not be drawn before the data
  const frames = new Frames(map, layer);
  const timeline = new Timeline(frames);
  const embedded = document.body.classList.contains("embedded");
  if (!embedded) useTools(map, frames, timeline);
  const drawn = frames.show(timeline.path ?? data.time);
  followView(map);
  showCoordinates(map);
  await drawn;
  document.querySelector(".preview")?.remove();
  performance.mark("first map");
  addNames(map, state().names !== "off");
  timeline.complete();
}

function useTools(map, frames, timeline) {
  const atPlace = new Place(map, timeline);
  timeline.onTime(() => atPlace.update());
  const view = () => map.getBounds().toArray().flat();
  const look = chooseLook(frames, view, () => timeline.label ?? data.label);
  const regions = data.kind === "rgb" ? [] : [new Regions(map, timeline, atPlace).tool];
  const compare = polarCrs() ? [] : [new Compare(map, frames, timeline).tool];
  tools(map, timeline, [look, ...regions, ...compare, share()]);
  prepareDownload(map, timeline);
}

draw();
