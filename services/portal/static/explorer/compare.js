// Two times side by side on one place: a second map lies over the first and is cut at a bar that can be moved.
import { Map } from "../vendor/maplibre-gl/maplibre-gl.mjs";
import { Frames } from "./frames.js";
import { ground } from "./ground.js";
import { absolute, button, data, element, json, moment, words } from "./page.js";
import { remember, state } from "./state.js";

export class Compare {
  /**
   * @param {import("../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
   * @param {Frames} frames of the map
   */
  constructor(map, frames) {
    this.map = map;
    this.frames = frames;
    this.button = button(words.compare, () => (this.other ? this.close() : this.open(this.#earlier())), { "aria-pressed": "false" });
    if (state().compare) this.open(state().compare);
  }

  #earlier() {
    return document.getElementById("earlier")?.dataset.label || data.first;
  }

  async open(label) {
    const container = this.map.getContainer();
    this.layer = element("div", { class: "compared" });
    this.bar = element("input", { type: "range", min: "0", max: "100", value: "50", class: "swipe", "aria-label": words.compare });
    this.choice = this.#choice();
    container.append(this.layer, this.bar, this.choice);
    this.other = new Map({
      container: this.layer, style: ground(), interactive: false, attributionControl: false,
      center: this.map.getCenter(), zoom: this.map.getZoom(), bearing: this.map.getBearing(), pitch: this.map.getPitch(), maxZoom: 16,
    });
    this.follow = () => this.other?.jumpTo({
      center: this.map.getCenter(), zoom: this.map.getZoom(), bearing: this.map.getBearing(), pitch: this.map.getPitch(),
    });
    this.map.on("move", this.follow);
    this.bar.addEventListener("input", () => this.#cut());
    this.#cut();
    this.button.setAttribute("aria-pressed", "true");
    await this.other.once("load");
    this.otherFrames = new Frames(this.other, this.frames.levels);
    this.otherFrames.query = this.frames.query;
    await this.show(label);
  }

  /** The time on the left: the same kind of choice as the page has for the time on the right. */
  #choice() {
    const own = document.getElementById("time");
    const copy = /** @type {HTMLInputElement | HTMLSelectElement} */ (own.cloneNode(true));
    copy.id = "compared-time";
    copy.removeAttribute("name");
    copy.addEventListener("change", () => { if (copy.value) this.show(copy.value); });
    this.time = copy;
    this.told = element("output", {});
    return element("div", { class: "compared-choice" }, element("label", {}, words.left, copy), this.told);
  }

  async show(label) {
    const url = new URL(absolute(data.times));
    url.searchParams.set("datetime", label);
    const found = await json(url.href).catch(() => null);
    if (!found) return;
    remember({ compare: found.time });
    const kinds = { date: found.time.slice(0, 10), "datetime-local": found.time.slice(0, 16) };
    this.time.value = this.time instanceof HTMLSelectElement ? found.time : kinds[this.time.type] ?? found.time;
    this.told.textContent = moment(found.time);
    await this.otherFrames.show(found.path);
  }

  #cut() {
    const share = Number(this.bar.value);
    this.layer.style.clipPath = `inset(0 ${100 - share}% 0 0)`;
  }

  close() {
    this.map.off("move", this.follow);
    this.other.remove();
    for (const part of [this.layer, this.bar, this.choice]) part.remove();
    this.other = null;
    this.button.setAttribute("aria-pressed", "false");
    remember({ compare: null });
  }
}
