// The data on the map, a frame for each time. The next frame loads unseen and replaces the shown one when it is whole,
// so that no picture ever mixes two times and the ground never shines through.
import { polarCrs } from "./projections.js";

const BELOW = "graticule";
const HIDDEN = 0;
const POLAR_DEEPEST = 9;
let count = 0;

export class Frames {
  /**
   * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map | null} map null until `begin`
   * @param {import("./layers.js").Layer} layer
   * @param {string} [below] the layer of the map below which the data are drawn
   */
  constructor(map, layer, below = BELOW) {
    this.map = /** @type {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map} */ (map);
    this.layer = layer;
    this.below = below;
    this.name = `data-${(count += 1)}`;
    this.query = "";
    this.opacity = 1;
    this.number = 0;
    /** @type {string | null} */
    this.shown = null;
    /** @type {string | null} */
    this.loading = null;
    this.path = layer.time;
  }

  /** The template of the tiles of a time, in the look that is chosen. */
  tiles(path) {
    const template = polarCrs() && this.layer.polar ? this.layer.polar(path, polarCrs()) : this.layer.tiles.replace("{time}", path);
    if (!this.query) return template;
    return template + (template.includes("?") ? "&" : "?") + this.query;
  }

  /** The source and the layer of a time, hidden while another is shown. */
  #parts(id, path) {
    const attribution = this.layer.attribution && { attribution: escaped(this.layer.attribution) };
    /** @type {import("../../vendor/maplibre-gl/maplibre-gl.mjs").RasterSourceSpecification} */
    const source = {
      type: "raster", tiles: [this.tiles(path)], tileSize: 256, minzoom: 0, maxzoom: polarCrs() ? POLAR_DEEPEST : 12,
      ...(polarCrs() ? {} : this.layer.levels), ...attribution,
    };
    /** @type {import("../../vendor/maplibre-gl/maplibre-gl.mjs").RasterLayerSpecification} */
    const layer = {
      id, type: "raster", source: id,
      paint: { "raster-opacity": this.shown ? HIDDEN : this.opacity, "raster-fade-duration": 0, "raster-resampling": "nearest" },
    };
    return { source, layer };
  }

  #next(path) {
    this.path = path;
    return `${this.name}-${(this.number += 1)}`;
  }

  /**
   * A style with a first time in it, for a map that is made of it and handed to `begin`.
   * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").StyleSpecification} style
   * @param {string} path
   */
  within(style, path) {
    const id = this.loading = this.#next(path), { source, layer } = this.#parts(id, path);
    return { ...style, sources: { ...style.sources, [id]: source }, layers: [...style.layers, layer] };
  }

  /**
   * Resolves when the first time is drawn, which stands in the style of the map.
   * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
   */
  begin(map) {
    this.map = map;
    return this.#drawn(/** @type {string} */ (this.loading));
  }

  /**
   * Shows a time; resolves when it is drawn, with false if another was asked for meanwhile.
   * @param {string} path
   * @returns {Promise<boolean>}
   */
  show(path) {
    const id = this.#next(path), { source, layer } = this.#parts(id, path);
    if (this.loading) this.#remove(this.loading);
    this.loading = id;
    this.map.addSource(id, source);
    this.map.addLayer(layer, this.map.getLayer(this.below) ? this.below : undefined);
    return this.#drawn(id);
  }

  /** Resolves when what is loading is drawn whole. */
  #drawn(id) {
    return new Promise((resolve) => {
      const end = (isShown) => { this.map.off("idle", whole); this.map.off("sourcedata", first); resolve(isShown); };
      const whole = () => {
        if (this.loading !== id) { end(false); return; }
        if (!this.map.isSourceLoaded(id)) return;
        this.#replace(id);
        end(true);
      };
      // nothing stands below the first frame: it need not wait for coasts and names
      const first = ({ sourceId, tile, isSourceLoaded }) => {
        if (sourceId === id && tile && isSourceLoaded && !this.shown) this.map.once("render", whole);
      };
      this.map.on("sourcedata", first);
      this.map.on("idle", whole);
    });
  }

  #replace(id) {
    const before = this.shown;
    this.shown = id;
    this.loading = null;
    this.map.setPaintProperty(id, "raster-opacity", this.opacity);
    if (before) this.map.once("render", () => this.map.once("render", () => this.#remove(before)));
    this.map.triggerRepaint();
  }

  #remove(id) {
    if (this.map.getLayer(id)) this.map.removeLayer(id);
    if (this.map.getSource(id)) this.map.removeSource(id);
  }

  /** @param {number} opacity from 0 to 1 */
  fade(opacity) {
    this.opacity = opacity;
    if (this.shown) this.map.setPaintProperty(this.shown, "raster-opacity", opacity);
  }

  /** Takes the data off the map. */
  remove() {
    for (const id of [this.shown, this.loading]) if (id) this.#remove(id);
    this.shown = this.loading = null;
  }

  /** Draws with other colours: the query that tiles take, such as `colormap_name=magma&rescale=0,30`. */
  look(query) {
    this.query = query;
    return this.show(this.path);
  }
}

function escaped(text) {
  const span = document.createElement("span");
  span.textContent = text;
  return span.innerHTML;
}
