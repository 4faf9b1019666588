// A box drawn on the map: the statistics of every cell in it.
import { absolute, button, copy, data, element, json, moment, words, written } from "./page.js";

const SHOWN = ["count", "minimum", "maximum", "mean", "stddev", "median", "sum"];

/** @returns {import("../vendor/maplibre-gl/maplibre-gl.mjs").GeoJSONSourceSpecification["data"]} */
const outline = ([west, south, east, north]) => ({
  type: "Feature", properties: {},
  geometry: { type: "Polygon", coordinates: [[[west, south], [east, south], [east, north], [west, north], [west, south]]] },
});

export class Region {
  /**
   * @param {import("../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
   * @param {import("./timeline.js").Timeline} timeline
   * @param {import("./place.js").Place} place which is silent while a box is drawn
   */
  constructor(map, timeline, place) {
    this.map = map;
    this.timeline = timeline;
    this.place = place;
    this.panel = element("section", { class: "place", "aria-live": "polite" });
    this.panel.hidden = true;
    document.querySelector(".viewer .below").after(this.panel);
    this.button = button(words.draw_box, () => this.begin(), { "aria-pressed": "false" });
  }

  begin() {
    this.map.getContainer().scrollIntoView({ block: "nearest" });
    this.button.setAttribute("aria-pressed", "true");
    this.place.silent = true;
    this.map.getCanvas().style.cursor = "crosshair";
    this.map.dragPan.disable();
    this.map.once("mousedown", (event) => this.#drag(event));
    this.map.once("touchstart", (event) => this.#drag(event));
  }

  #drag(event) {
    event.preventDefault();
    const start = event.lngLat;
    const move = ({ lngLat }) => { this.box = corners(start, lngLat); this.#outline(); };
    const end = () => {
      for (const one of moves) one.unsubscribe();
      this.map.getCanvas().style.cursor = "";
      this.map.dragPan.enable();
      this.button.setAttribute("aria-pressed", "false");
      setTimeout(() => { this.place.silent = false; }, 0);
      if (this.box) this.show();
    };
    const moves = [this.map.on("mousemove", move), this.map.on("touchmove", move)];
    this.map.once("mouseup", end);
    this.map.once("touchend", end);
  }

  #outline() {
    const source = /** @type {import("../vendor/maplibre-gl/maplibre-gl.mjs").GeoJSONSource | undefined} */ (this.map.getSource("region"));
    if (source) { source.setData(outline(this.box)); return; }
    this.map.addSource("region", { type: "geojson", data: outline(this.box) });
    this.map.addLayer({ id: "region", type: "line", source: "region", paint: { "line-color": "#c2410c", "line-width": 2 } });
  }

  /** Asks for the statistics at the time that is shown. */
  async show() {
    const url = new URL(absolute(`${data.collection}/statistics`));
    const label = this.timeline.label ?? data.label;
    url.searchParams.set("bbox", this.box.map((value) => value.toFixed(4)).join(","));
    url.searchParams.set("properties", data.variable);
    if (label) url.searchParams.set("datetime", label);
    if (data.level) url.searchParams.set("level", data.level);
    const text = url.href.replaceAll("%2C", ",");
    const body = element("div", {}, words.asking);
    const title = `${data.title} · ${this.box.map((value) => value.toFixed(2)).join(", ")}${label ? ` · ${moment(label)}` : ""}`;
    const copied = button(words.copy_url, () => copy(copied, text));
    this.panel.hidden = false;
    this.panel.replaceChildren(element("h3", {}, title), body,
      element("p", { class: "row" }, element("a", { href: text }, words.request), copied, button(words.close, () => this.close())));
    try {
      body.replaceChildren(facts(await json(text)));
    } catch (error) {
      body.textContent = error.message;
    }
  }

  close() {
    this.panel.hidden = true;
    this.box = null;
    if (this.map.getLayer("region")) this.map.removeLayer("region");
    if (this.map.getSource("region")) this.map.removeSource("region");
  }
}

/** @returns {[number, number, number, number]} */
function corners(a, b) {
  return [Math.min(a.lng, b.lng), Math.max(-90, Math.min(a.lat, b.lat)), Math.max(a.lng, b.lng), Math.min(90, Math.max(a.lat, b.lat))];
}

function facts(document_) {
  const [first] = document_.statistics ?? [];
  const list = element("dl", { class: "facts-list" });
  for (const name of SHOWN) {
    if (typeof first?.[name] !== "number") continue;
    list.append(element("dt", {}, words[name] ?? name),
      element("dd", {}, `${written(first[name])}${name === "count" ? "" : ` ${data.unit}`}`));
  }
  return list.childElementCount ? list : element("pre", {}, JSON.stringify(document_, null, 1).slice(0, 4000));
}
