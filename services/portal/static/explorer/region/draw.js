// Drawing on the map: a box by dragging, a polygon corner by corner, with the mouse, a finger or the keyboard.
import { button, element, words } from "../page.js";
import { boxPolygon } from "../view/outline.js";

const LATITUDES = 90;
const rounded = (value) => Number(value.toFixed(4));

export class Draw {
  /**
   * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
   * @param {import("../view/outline.js").Outline} outline
   * @param {import("../charts/place.js").Place} place which is silent meanwhile
   * @param {(geometry: GeoJSON.Polygon | null) => void} done called with what was drawn, or null if it was given up
   */
  constructor(map, outline, place, done) {
    this.map = map;
    this.outline = outline;
    this.place = place;
    this.done = done;
    /** @type {{unsubscribe: () => void}[]} */
    this.listening = [];
  }

  /** Ends what is being drawn. */
  stop() {
    for (const one of this.listening) one.unsubscribe();
    this.listening = [];
    this.bar?.remove();
    this.bar = null;
    this.map.getCanvas().style.cursor = "";
    this.map.dragPan.enable();
    this.map.doubleClickZoom.enable();
    removeEventListener("keydown", this.keys);
    setTimeout(() => { this.place.silent = false; }, 0);
  }

  #begin(hint, ...buttons) {
    this.stop();
    this.map.getContainer().scrollIntoView({ block: "nearest" });
    this.place.silent = true;
    setTimeout(() => { this.place.silent = true; }, 0);
    this.map.getCanvas().style.cursor = "crosshair";
    this.bar = element("div", { class: "drawing", role: "status" }, hint, ...buttons,
      button(words.cancel, () => { this.stop(); this.done(null); }));
    this.map.getContainer().append(this.bar);
    this.keys = (event) => {
      if (event.key === "Escape") { this.stop(); this.done(null); }
    };
    addEventListener("keydown", this.keys);
  }

  box() {
    this.#begin(words.hint_box);
    this.map.dragPan.disable();
    const start = (event) => {
      event.preventDefault();
      const from = event.lngLat;
      let box = null;
      const move = ({ lngLat }) => {
        box = [Math.min(from.lng, lngLat.lng), Math.min(from.lat, lngLat.lat), Math.max(from.lng, lngLat.lng), Math.max(from.lat, lngLat.lat)]
          .map((value, n) => rounded(n % 2 ? Math.max(-LATITUDES, Math.min(LATITUDES, value)) : value));
        this.outline.show(boxPolygon(box));
      };
      const end = () => { this.stop(); this.done(box && box[0] < box[2] && box[1] < box[3] ? boxPolygon(box) : null); };
      this.listening.push(this.map.on("mousemove", move), this.map.on("touchmove", move), this.map.on("mouseup", end), this.map.on("touchend", end));
    };
    this.listening.push(this.map.on("mousedown", start), this.map.on("touchstart", start));
  }

  polygon() {
    /** @type {number[][]} */
    const corners = [];
    const finish = () => {
      if (corners.length < 3) return;
      this.stop();
      this.done({ type: "Polygon", coordinates: [[...corners, corners[0]]] });
    };
    const finished = button(words.finish, finish, { disabled: true });
    const add = ({ lng, lat }) => {
      corners.push([rounded(lng), rounded(lat)]);
      finished.disabled = corners.length < 3;
      this.outline.show({ type: "LineString", coordinates: corners.length > 1 ? corners : [corners[0], corners[0]] });
    };
    const undo = button(words.undo, () => {
      corners.pop();
      finished.disabled = corners.length < 3;
      if (corners.length) this.outline.show({ type: "LineString", coordinates: corners.length > 1 ? corners : [corners[0], corners[0]] });
      else this.outline.clear();
    });
    this.#begin(words.hint_polygon, button(words.add_center, () => add(this.map.getCenter())), undo, finished);
    this.map.doubleClickZoom.disable();
    this.listening.push(
      this.map.on("click", ({ lngLat }) => add(lngLat)),
      this.map.on("dblclick", (event) => { event.preventDefault(); corners.pop(); finish(); }),
    );
  }
}
