// The page of a map of several layers: datasets in an order, each with its time and opacity, kept in the address.
import { FullscreenControl, Map, NavigationControl, ScaleControl, setWorkerUrl } from "../vendor/maplibre-gl/maplibre-gl.mjs";
import { share } from "./embed.js";
import { Frames } from "./view/frames.js";
import { ground } from "./view/ground.js";
import { layerFields, layerText, parted } from "./view/layer_choice.js";
import { collection, datasets, layerOf, nearest } from "./view/layers.js";
import { addNames } from "./view/names.js";
import { button, data, element, words } from "./page.js";
import { followView, heldView, remember, state } from "./state.js";

const MOST_LAYERS = 12;
const place = /** @type {HTMLElement} */ (document.getElementById("map"));
const list = /** @type {HTMLElement} */ (document.getElementById("layers"));
const told = /** @type {HTMLElement} */ (document.getElementById("layers-told"));

setWorkerUrl(new URL("../vendor/maplibre-gl/maplibre-gl-worker.mjs", import.meta.url).href);

/**
 * @typedef {object} Entry
 * @property {import("./view/layers.js").Layer} layer
 * @property {Frames} frames
 * @property {string} style
 * @property {string} label of the time that is shown; empty without times
 * @property {HTMLElement} row
 */

/** @type {Entry[]} the top one first */
let entries = [];
/** @type {Map} */
let map;

/** Puts the layers on the map in the order of the list, and keeps it in the address. */
function arrange() {
  for (const { frames } of entries.toReversed()) if (frames.shown) map.moveLayer(frames.shown, "graticule");
  entries.forEach(({ row }, n) => {
    list.append(row);
    const [up, down] = row.querySelectorAll("button");
    up.disabled = n === 0;
    down.disabled = n === entries.length - 1;
  });
  document.getElementById("layers-empty").hidden = entries.length > 0;
  remember({ layers: entries.map(({ layer, style, label, frames }) =>
    [layer.dataset, layer.variable, style, layerText(layer), label, frames.opacity].join("~")).join(";") || null });
}

function move(entry, step) {
  const from = entries.indexOf(entry), to = from + step;
  if (to < 0 || to >= entries.length) return;
  entries.splice(from, 1);
  entries.splice(to, 0, entry);
  arrange();
}

async function showTime(entry, label, input) {
  const found = await nearest(entry.layer, label);
  if (!found) { told.textContent = words.time_unknown; return; }
  told.textContent = "";
  entry.label = found.time;
  input.value = found.time;
  await entry.frames.show(found.path);
  arrange();
}

/** Shows another level or member of a layer in its place. */
async function exchange(entry, document_, choice) {
  const { opacity, path } = entry.frames;
  entry.layer = await layerOf(document_, { variable: entry.layer.variable, style: entry.style, ...choice });
  entry.frames.remove();
  entry.frames = new Frames(map, entry.layer);
  entry.frames.opacity = opacity;
  await entry.frames.show(path);
  arrange();
}

function rowOf(entry, document_) {
  const title = `${document_.title} · ${entry.layer.title}`;
  const variable = document_["graticule:variables"].find(({ id }) => id === entry.layer.variable);
  const fields = layerFields(variable, entry.layer, (choice) => exchange(entry, document_, choice));
  const opacity = element("input", { type: "range", min: "0", max: "1", step: "0.05", value: String(entry.frames.opacity), "aria-label": words.opacity });
  opacity.addEventListener("input", () => { entry.frames.fade(Number(opacity.value)); arrange(); });
  const time = element("input", { type: "text", size: 20, maxLength: 40, value: entry.label, "aria-label": words.time });
  time.addEventListener("change", () => showTime(entry, time.value, time));
  const remove = button(words.remove, () => {
    entry.frames.remove();
    entry.row.remove();
    entries = entries.filter((one) => one !== entry);
    arrange();
  });
  const named = (text, sign, act) => button(sign, act, { "aria-label": text, title: text });
  return element("li", { class: "layer" },
    element("p", { class: "row" }, named(words.up, "↑", () => move(entry, -1)), named(words.down, "↓", () => move(entry, 1)),
      element("a", { href: `${data.root}/collections/${entry.layer.dataset}?f=html&lang=${data.language}` }, title)),
    element("img", { src: entry.layer.legend, alt: `${words.legend}: ${entry.layer.title}`, class: "edited" }),
    ...(fields.length ? [element("p", { class: "row" }, ...fields)] : []),
    element("p", { class: "row" }, element("label", {}, words.opacity, opacity), ...(entry.layer.timed ? [element("label", {}, words.time, time)] : []), remove));
}

/**
 * Adds a layer below or above the others.
 * @param {{dataset: string, variable?: string, style?: string, level?: string, member?: string, label?: string, opacity?: number}} wanted
 * @param {boolean} onTop
 */
async function add(wanted, onTop) {
  if (entries.length >= MOST_LAYERS) { told.textContent = words.most_layers; return; }
  told.textContent = words.asking;
  try {
    const document_ = await collection(wanted.dataset);
    const layer = await layerOf(document_, wanted);
    const found = layer.timed ? await nearest(layer, wanted.label || document_["graticule:time"].last) : null;
    const frames = new Frames(map, layer);
    frames.opacity = Number.isFinite(wanted.opacity) ? wanted.opacity : 1;
    /** @type {Entry} */
    const entry = { layer, frames, style: wanted.style ?? "", label: found?.time ?? "", row: list };
    entry.row = rowOf(entry, document_);
    if (onTop) entries.unshift(entry); else entries.push(entry);
    arrange();
    told.textContent = "";
    await frames.show(found?.path ?? "latest");
    arrange();
  } catch (error) {
    told.textContent = error.message;
  }
}

/** The form that adds layers. */
async function prepareForm() {
  const form = /** @type {HTMLFormElement} */ (document.getElementById("add-layer"));
  const choice = /** @type {HTMLSelectElement} */ (form.elements.namedItem("dataset"));
  const variable = /** @type {HTMLSelectElement} */ (form.elements.namedItem("variable"));
  const fill = async () => {
    const { "graticule:variables": variables } = await collection(choice.value);
    variable.replaceChildren(...variables.map(({ id, title }) => element("option", { value: id }, title)));
  };
  choice.addEventListener("change", fill);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    add({ dataset: choice.value, variable: variable.value }, true);
  });
  const all = document.getElementById("time-for-all");
  all.addEventListener("change", () => {
    if (!(all instanceof HTMLInputElement) || !all.value) return;
    for (const entry of entries) if (entry.layer.timed) showTime(entry, all.value, entry.row.querySelector("input[type=text]"));
  });
  const known = await datasets();
  choice.append(...known.map(({ id, title }) => element("option", { value: id }, title)));
  if (known.length) await fill();
}

async function draw() {
  map = new Map({
    container: place, style: ground(), ...(heldView() ?? { center: [0, 20], zoom: Math.log2(Math.max(place.clientWidth, 512) / 512) }), maxZoom: 16,
    cooperativeGestures: true, attributionControl: { compact: true, customAttribution: "MapLibre" }, locale: words.map,
  });
  map.addControl(new NavigationControl({ visualizePitch: false }), "top-right");
  map.addControl(new FullscreenControl({ container: place.closest(".viewer") }), "top-right");
  map.addControl(new ScaleControl({ maxWidth: 120 }), "top-left");
  await map.once("load");
  addNames(map, true);
  followView(map);
  const tool = share();
  document.getElementById("map-tools").append(tool.button, tool.panel);
  await Promise.all([prepareForm(), restore()]);
  document.body.dataset.ready = "true";
}

async function restore() {
  for (const text of (state().layers ?? "").split(";").filter(Boolean).slice(0, MOST_LAYERS)) {
    const [dataset, variable, style, layer, label, opacity] = text.split("~");
    await add({ dataset, variable, style, ...parted(layer), label, opacity: opacity === undefined ? undefined : Number(opacity) }, false);
  }
}

draw();
