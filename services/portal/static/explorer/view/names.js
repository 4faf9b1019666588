// Names of waters, countries and cities on the map, in the language of the page, readable over light and dark data.
import { data } from "../page.js";

const NAMES = new URL("../../names/names.json", import.meta.url).href;
const FONTS = ["system-ui", "Noto Sans CJK SC", "Noto Sans SC", "WenQuanYi Micro Hei", "sans-serif"];

/** @type {any} */
const DARKER = ["case", ["==", ["get", "kind"], "water"], "#0f4c75", "#1b2630"];

/**
 * Adds the source and the layer of names; others are drawn below "names".
 * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
 * @param {boolean} shown
 */
export function addNames(map, shown) {
  map.addSource("names", { type: "geojson", data: NAMES, attribution: shown ? "GeoNames" : "" });
  map.addLayer({
    id: "names", type: "symbol", source: "names",
    filter: /** @type {any} */ (["<=", ["get", "rank"], ["+", 1.2, ["zoom"]]]),
    layout: {
      visibility: shown ? "visible" : "none",
      "text-field": ["get", data.language],
      "text-font": FONTS,
      "text-size": ["interpolate", ["linear"], ["zoom"], 0, 10.5, 6, 14],
      "text-max-width": 7,
      "text-letter-spacing": ["case", ["==", ["get", "kind"], "water"], 0.12, 0],
      "text-padding": 6,
      "symbol-sort-key": ["get", "rank"],
    },
    paint: { "text-color": DARKER, "text-halo-color": "rgba(255, 255, 255, 0.85)", "text-halo-width": 1.4 },
  });
}

/**
 * Shows the names or leaves them out.
 * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
 * @param {boolean} shown
 */
export const showNames = (map, shown) => map.setLayoutProperty("names", "visibility", shown ? "visible" : "none");
