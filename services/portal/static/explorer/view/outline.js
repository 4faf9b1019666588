// The outline that is drawn on the map: of a region, and of one that a person draws.

const COLOR = "#c2410c";

export class Outline {
  /**
   * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
   * @param {string} [name] of its source and layers
   */
  constructor(map, name = "region") {
    this.map = map;
    this.name = name;
  }

  /** @param {GeoJSON.Geometry} geometry */
  show(geometry) {
    /** @type {GeoJSON.Feature} */
    const feature = { type: "Feature", properties: {}, geometry };
    const source = /** @type {import("../../vendor/maplibre-gl/maplibre-gl.mjs").GeoJSONSource | undefined} */ (this.map.getSource(this.name));
    if (source) { source.setData(feature); return; }
    this.map.addSource(this.name, { type: "geojson", data: feature });
    this.map.addLayer({ id: `${this.name}-halo`, type: "line", source: this.name, paint: { "line-color": "#ffffff", "line-width": 4, "line-opacity": 0.7 } });
    this.map.addLayer({ id: this.name, type: "line", source: this.name, paint: { "line-color": COLOR, "line-width": 2 } });
    this.map.addLayer({ id: `${this.name}-corners`, type: "circle", source: this.name, filter: ["==", ["geometry-type"], "LineString"],
      paint: { "circle-color": COLOR, "circle-radius": 4, "circle-stroke-color": "#ffffff", "circle-stroke-width": 1 } });
  }

  clear() {
    for (const id of ["region-corners", "region", "region-halo"]) if (this.map.getLayer(id)) this.map.removeLayer(id);
    if (this.map.getSource(this.name)) this.map.removeSource("region");
  }
}

/**
 * West, south, east and north of a geometry.
 * @returns {[number, number, number, number]}
 */
export function boundsOf(geometry) {
  /** @type {[number, number, number, number]} */
  const box = [Infinity, Infinity, -Infinity, -Infinity];
  const grow = (part) => {
    if (typeof part[0] !== "number") { part.forEach(grow); return; }
    const [x, y] = part;
    [box[0], box[1], box[2], box[3]] = [Math.min(box[0], x), Math.min(box[1], y), Math.max(box[2], x), Math.max(box[3], y)];
  };
  grow(geometry.coordinates);
  return box;
}

/**
 * A box as a polygon.
 * @param {number[]} box west, south, east, north
 * @returns {GeoJSON.Polygon}
 */
export const boxPolygon = ([west, south, east, north]) => ({
  type: "Polygon", coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]],
});
