// The projections of the map: flat, globe, and both poles, whose tiles are maps in EPSG:3413 and EPSG:3031.
import { addProjection, importScriptInWorkers } from "../../vendor/maplibre-gl/maplibre-gl.mjs";
import { element, words } from "../page.js";
import "./polar_stereographic.js";
import { remember, state } from "../state.js";

/** Half the edge of tile 0/0/0, in metres: pixels of 32,768 m at level 0. */
const HALF = 4_194_304;
/** The CRS of the views of the poles. */
export const POLAR = { north: "EPSG:3413", south: "EPSG:3031" };
const FLAT = "flat", GLOBE = "globe";
const CONVERSIONS = Reflect.get(globalThis, "polarStereographic");

/** `flat`, `globe`, `north` or `south`. */
export function chosenView() {
  const { view } = state();
  return view === GLOBE || view in POLAR ? view : FLAT;
}

/** CRS of the map; null for those that are drawn from tiles in Web Mercator. */
export const polarCrs = () => POLAR[chosenView()] ?? null;

/** Makes the projection that the address names known, before the map is made. */
export async function prepareProjection() {
  const name = polarCrs();
  if (!name) return;
  await importScriptInWorkers(new URL("./polar_stereographic.js", import.meta.url).href);
  addProjection({ name, projection: CONVERSIONS(name), definition: name, tileMatrixSet: { origin: [-HALF, HALF], extentAtZoom0: 2 * HALF } });
}

/** What the style of the map says of its projection. */
export function styleProjection() {
  const name = polarCrs();
  if (name) return { projection: { type: name } };
  return chosenView() === GLOBE ? { projection: { type: GLOBE } } : {};
}

/** Where a polar map begins: the whole of it. */
export const polarView = () => ({ center: [0, chosenView() === "north" ? 90 : -90], zoom: 1, maxZoom: 9 });

/**
 * A choice of the projection. Flat and globe change at once; for the poles the page is loaded anew.
 * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
 * @param {[number, number, number, number]} bbox of the data, which reach a pole or do not
 */
export function chooseView(map, bbox) {
  const names = [FLAT, GLOBE, ...(bbox[3] >= 60 ? ["north"] : []), ...(bbox[1] <= -60 ? ["south"] : [])];
  const select = element("select", { "aria-label": words.view }, ...names.map((name) => element("option", { value: name }, words[`view_${name}`])));
  select.value = chosenView();
  select.addEventListener("change", () => {
    const isPolar = polarCrs() !== null || select.value in POLAR;
    remember({ view: select.value === FLAT ? null : select.value, ...(isPolar && { map: null }) });
    if (isPolar) location.reload();
    else map.setProjection({ type: select.value === GLOBE ? GLOBE : "mercator" });
  });
  return element("label", { class: "view" }, words.view, select);
}
