// What the map shows beside the data: plain ground, a graticule, and coasts readable over light and dark data.
import { dark } from "../page.js";

const COAST = new URL("../../vendor/world-atlas/coast.json", import.meta.url).href;

/** @returns {GeoJSON.FeatureCollection} */
function graticule(step) {
  /** @type {GeoJSON.Feature[]} */
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

const GROUND = dark ? "#131c23" : "#e9eef1";

/**
 * The style of a map with nothing on it, which is drawn soonest: its ground is the colour of its element.
 * @returns {import("../../vendor/maplibre-gl/maplibre-gl.mjs").StyleSpecification}
 */
export const bareGround = () => ({ version: 8, transition: { duration: 0, delay: 0 }, sources: {}, layers: [] });

/** @returns {import("../../vendor/maplibre-gl/maplibre-gl.mjs").BackgroundLayerSpecification} */
const background = () => ({ id: "ground", type: "background", paint: { "background-color": GROUND } });

/** Sources and layers of the lines above the data: the graticule, and coasts. */
function lines() {
  const ink = dark ? "#ffffff" : "#10202c";
  const halo = dark ? "#10202c" : "#ffffff";
  /** @returns {import("../../vendor/maplibre-gl/maplibre-gl.mjs").LineLayerSpecification} */
  const coast = (id, color, width, opacity) => ({
    id, type: "line", source: "coast", paint: { "line-color": color, "line-opacity": opacity, "line-width": width },
  });
  /** @type {Record<string, import("../../vendor/maplibre-gl/maplibre-gl.mjs").GeoJSONSourceSpecification>} */
  const sources = { graticule: { type: "geojson", data: graticule(30) }, coast: { type: "geojson", data: COAST } };
  /** @type {import("../../vendor/maplibre-gl/maplibre-gl.mjs").LineLayerSpecification[]} */
  const layers = [
    { id: "graticule", type: "line", source: "graticule",
      paint: { "line-color": ink, "line-opacity": 0.22, "line-width": ["case", ["get", "heavy"], 1.2, 0.6] } },
    coast("coast-halo", halo, 2.4, 0.45),
    coast("coast", ink, 0.9, 0.75),
  ];
  return { sources, layers };
}

/**
 * The style of a map without its data; data are drawn below the layer "graticule".
 * @returns {import("../../vendor/maplibre-gl/maplibre-gl.mjs").StyleSpecification}
 */
export function ground() {
  const { sources, layers } = lines();
  return { ...bareGround(), sources, layers: [background(), ...layers] };
}

/**
 * Lays the ground below the data, and the lines over them, on a map that was begun bare.
 * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
 */
export function completeGround(map) {
  const { sources, layers } = lines();
  map.addLayer(background(), map.getStyle().layers[0]?.id);
  for (const [id, source] of Object.entries(sources)) map.addSource(id, source);
  for (const layer of layers) map.addLayer(layer);
}
