// Polygons from a person's own file, read in the browser: GeoJSON, KML, KMZ, and a zipped shapefile.
import { words } from "../page.js";
import { shapefilePolygons } from "./shapefile.js";
import { unzip } from "./zip.js";

const MOST_BYTES = 10_000_000;
const MOST_VERTICES = 100_000;
const MOST_DEPTH = 4;

/**
 * The polygons of a file as one MultiPolygon in degrees; throws an Error that says what is wrong and what would do.
 * @param {File} file
 * @returns {Promise<GeoJSON.MultiPolygon>}
 */
export async function polygonsOf(file) {
  if (file.size > MOST_BYTES) throw new Error(words.file_too_large);
  const buffer = await file.arrayBuffer();
  const isZip = new DataView(buffer).byteLength > 4 && new DataView(buffer).getUint32(0) === 0x504b0304;
  const coordinates = isZip ? await archived(buffer) : written(new TextDecoder().decode(buffer));
  if (!coordinates.length) throw new Error(words.file_no_polygons);
  require(coordinates);
  return { type: "MultiPolygon", coordinates };
}

async function archived(buffer) {
  const files = await unzip(buffer, /\.(shp|prj|kml|geojson|json)$/i);
  const named = (ending) => [...files.keys()].filter((name) => name.endsWith(ending));
  const [shp] = named(".shp");
  const text = (name) => (name ? new TextDecoder().decode(files.get(name)) : "");
  if (shp) return shapefilePolygons(files.get(shp), text(named(`${shp.slice(0, -4)}.prj`)[0]), MOST_VERTICES);
  const [other] = [".kml", ".geojson", ".json"].flatMap(named);
  if (!other) throw new Error(words.file_no_polygons);
  return written(text(other));
}

function written(text) {
  if (/^\s*</.test(text)) return kml(text);
  let document_;
  try {
    document_ = JSON.parse(text);
  } catch {
    throw new Error(words.file_unreadable);
  }
  const named = document_?.crs?.properties?.name ?? "";
  if (named && !/CRS84|4326|4490|4258/.test(named)) throw new Error(words.file_projected);
  return geojson(document_, 0);
}

/** Coordinates of all polygons of a GeoJSON object. */
function geojson(item, depth) {
  if (depth > MOST_DEPTH || typeof item !== "object" || item === null) return [];
  if (item.type === "FeatureCollection") return item.features?.flatMap((one) => geojson(one, depth + 1)) ?? [];
  if (item.type === "GeometryCollection") return item.geometries?.flatMap((one) => geojson(one, depth + 1)) ?? [];
  if (item.type === "Feature") return geojson(item.geometry, depth + 1);
  if (item.type === "Polygon") return [item.coordinates];
  return item.type === "MultiPolygon" ? item.coordinates : [];
}

/** Coordinates of the polygons of a KML document; browsers load nothing that XML refers to. */
function kml(text) {
  const parsed = new DOMParser().parseFromString(text, "application/xml");
  if (parsed.querySelector("parsererror")) throw new Error(words.file_unreadable);
  const ring = (boundary) => [...boundary.getElementsByTagNameNS("*", "coordinates")].map(({ textContent }) =>
    (textContent ?? "").trim().split(/\s+/).map((tuple) => tuple.split(",").slice(0, 2).map(Number)));
  return [...parsed.getElementsByTagNameNS("*", "Polygon")].map((polygon) => {
    const inside = (name) => [...polygon.getElementsByTagNameNS("*", name)].flatMap(ring);
    return [...inside("outerBoundaryIs"), ...inside("innerBoundaryIs")];
  });
}

/** Throws an Error unless every ring is made of degrees, and closes those that are open. */
function require(polygons) {
  let count = 0;
  for (const polygon of polygons) {
    if (!Array.isArray(polygon) || !polygon.length) throw new Error(words.file_unreadable);
    for (const ring of polygon) {
      if (!Array.isArray(ring) || ring.length < 3) throw new Error(words.file_unreadable);
      count += ring.length;
      if (count > MOST_VERTICES) throw new Error(words.file_too_large);
      for (const position of ring) {
        const [x, y] = Array.isArray(position) ? position : [];
        if (!Number.isFinite(x) || !Number.isFinite(y)) throw new Error(words.file_unreadable);
        if (Math.abs(x) > 360 || Math.abs(y) > 90) throw new Error(words.file_projected);
        position.length = 2;
      }
      const [[x, y], [lastX, lastY]] = [ring[0], ring[ring.length - 1]];
      if (x !== lastX || y !== lastY) ring.push([x, y]);
    }
  }
}
