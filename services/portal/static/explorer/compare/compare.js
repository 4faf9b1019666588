// Two maps on one place: this dataset at another time, or another dataset, at a bar that is moved, side by side, or as
// their difference where both have the same cells.
import { Map } from "../../vendor/maplibre-gl/maplibre-gl.mjs";
import { differenceTiles, reachOf } from "./difference.js";
import { differenceLegend } from "./difference_legend.js";
import { Frames } from "../view/frames.js";
import { ground } from "../view/ground.js";
import { layerFields, layerText, parted } from "../view/layer_choice.js";
import { collection, datasets, layerOf, nearest } from "../view/layers.js";
import { data, element, moment, words } from "../page.js";
import { polarCrs, styleProjection } from "../view/projections.js";
import { remember, state } from "../state.js";
import { tool } from "../tool.js";

/** Differences are computed from tiles in Web Mercator, which the views of the poles are not made of. */
const MODES = polarCrs() ? ["swipe", "side"] : ["swipe", "side", "difference"];
const TILE_ZOOM_LEAST = 0;

export class Compare {
  /**
   * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
   * @param {Frames} frames of the map
   * @param {import("../time/timeline.js").Timeline} timeline
   */
  constructor(map, frames, timeline) {
    this.map = map;
    this.frames = frames;
    this.timeline = timeline;
    this.mode = MODES.includes(state().mode) ? state().mode : "swipe";
    this.tool = tool("compare", words.compare);
    this.#controls();
    this.tool.onOpen(() => this.#list());
    timeline.onTime(() => { if (this.layer) this.#follow(); });
    if (state().compare) this.#restore(state().compare);
  }

  #controls() {
    this.what = element("select", {}, element("option", { value: "" }, words.choose));
    this.within = data.first !== data.last || data.levels.length > 1 || data.members.length > 1;
    if (this.within) this.what.append(element("option", { value: data.dataset }, data.first !== data.last ? words.another_time : words.this_dataset));
    this.what.addEventListener("change", () => (this.what.value ? this.open(this.what.value, {}) : this.close()));
    this.variable = element("select", {});
    this.variable.addEventListener("change", () => this.open(this.what.value, { variable: this.variable.value }));
    this.layers = element("span", { class: "row" });
    this.time = element("input", { type: "text", size: 22, maxLength: 40 });
    this.ofTimes = element("label", {}, words.time, this.time);
    const modes = element("fieldset", { class: "row" }, element("legend", { class: "hidden" }, words.compare_mode),
      ...MODES.map((mode) => {
        const input = element("input", { type: "radio", name: "compare-mode", value: mode, checked: mode === this.mode });
        input.addEventListener("change", () => { this.mode = mode; remember({ mode: mode === "swipe" ? null : mode }); this.#arrange(); });
        return element("label", {}, input, words[`mode_${mode}`]);
      }));
    this.told = element("output", { class: "hint", role: "status" });
    this.labels = [element("label", {}, words.variable, this.variable), this.layers, this.ofTimes];
    for (const label of this.labels) label.hidden = true;
    this.tool.panel.append(element("span", { class: "row" }, element("label", {}, words.compare_with, this.what), ...this.labels), modes, this.told);
  }

  async #list() {
    if (this.listed) return;
    this.listed = true;
    const others = await datasets().catch(() => []);
    const group = element("optgroup", { label: words.another_dataset });
    for (const { id, title } of others) if (id !== data.dataset || !this.within) group.append(element("option", { value: id }, title));
    this.what.append(group);
    if (this.layer) this.what.value = this.layer.dataset;
  }

  /** `compare=2003-02`, or `compare=dataset/variable/layer/time`, where layer (`level@member`) and time may be empty. */
  async #restore(text) {
    const [dataset, variable, layer, time] = text.split("/");
    this.tool.open();
    if (variable === undefined) await this.open(data.dataset, {}, text);
    else await this.open(dataset, { variable, ...parted(layer) }, time || null);
  }

  /**
   * Compares with a layer.
   * @param {string} dataset
   * @param {{variable?: string, level?: string, member?: string}} choice
   * @param {string | null} [time] absent: that of the map for another dataset, the one before for this one
   */
  async open(dataset, choice, time = null) {
    this.told.textContent = words.asking;
    try {
      this.document = await collection(dataset);
      const isOwn = dataset === data.dataset;
      const own = isOwn ? { variable: data.variable, level: data.level, member: data.member, style: data.style } : {};
      this.layer = await layerOf(this.document, { ...own, ...choice });
      this.#choices();
      await this.#maps();
      this.pinned = Boolean(time) || isOwn;
      const shown = this.timeline.label ?? data.label;
      await this.#showTime(time ?? (isOwn ? document.getElementById("earlier")?.dataset.label || data.first : shown));
    } catch (error) {
      this.told.textContent = error.message;
    }
  }

  #choices() {
    const variables = this.document["graticule:variables"];
    const one = variables.find(({ id }) => id === this.layer.variable);
    const fields = layerFields(one, this.layer, (choice) => this.open(this.layer.dataset, { variable: this.layer.variable, ...choice }, this.label));
    this.variable.replaceChildren(...variables.map(({ id, title }) => element("option", { value: id, selected: id === this.layer.variable }, title)));
    this.layers.replaceChildren(...fields);
    [this.labels[0].hidden, this.labels[1].hidden, this.labels[2].hidden] = [variables.length < 2, !fields.length, !this.layer.timed];
    this.#chooseTime();
    this.what.value = this.layer.dataset;
    if (this.what.value !== this.layer.dataset) {
      this.what.append(element("option", { value: this.layer.dataset, selected: true }, this.document.title));
    }
  }

  /** The field of the time: a list where this page has one, a picker of dates where browsers know the calendar. */
  #chooseTime() {
    const own = document.getElementById("time"), isOwn = this.layer.dataset === data.dataset;
    const { gregorian } = this.document["graticule:time"] ?? {};
    if (isOwn && own instanceof HTMLSelectElement) this.time = element("select", {}, ...[...own.options].map(({ value, text }) => element("option", { value }, text)));
    else if (isOwn && own instanceof HTMLInputElement) this.time = element("input", { type: own.type, min: own.min, max: own.max });
    else this.time = element("input", gregorian ? { type: "date" } : { type: "text", size: 22, maxLength: 40 });
    this.time.addEventListener("change", () => { if (this.time.value) { this.pinned = true; this.#showTime(this.time.value); } });
    this.ofTimes.replaceChildren(words.time, this.time);
  }

  /** Shows in the field of the time what is compared with. */
  #fillTime() {
    const label = this.label ?? "";
    const [date, clock = "00:00"] = label.split("T");
    const day = label && `${date}-01-01`.slice(0, 10);
    this.time.value = this.time.type === "date" ? day : this.time.type === "datetime-local" ? `${day}T${clock.slice(0, 5)}` : label;
  }

  /** The second map, which follows the first. */
  async #maps() {
    if (this.other) {
      this.otherFrames.remove();
      this.otherFrames = new Frames(this.other, this.layer);
      return;
    }
    const container = this.map.getContainer();
    this.cover = element("div", { class: "compared waiting" }); // until it has data, the first map stands alone
    this.bar = element("input", { type: "range", min: "0", max: "100", value: "50", class: "swipe", "aria-label": words.bar });
    this.names = [element("span", { class: "compared-name left" }), element("span", { class: "compared-name right" })];
    this.divider = element("span", { class: "divider" });
    this.bar.hidden = this.divider.hidden = true;
    container.append(this.cover, this.divider, this.bar, ...this.names);
    this.other = new Map({
      container: this.cover, style: { ...ground(), ...styleProjection() }, interactive: false, attributionControl: false, maxZoom: 16, ...this.#view(),
    });
    this.move = () => this.other?.jumpTo(this.#view());
    this.bend = () => { const projection = this.map.getProjection(); if (projection) this.other?.setProjection(projection); };
    this.map.on("move", this.move);
    if (!polarCrs()) this.map.on("projectiontransition", this.bend);
    this.map.on("resize", () => { if (this.other) this.#arrange(); });
    this.bar.addEventListener("input", () => this.#cut());
    await this.other.once("load");
    this.otherFrames = new Frames(this.other, this.layer);
    this.#arrange();
  }

  #view() {
    return { center: this.map.getCenter(), zoom: this.map.getZoom(), bearing: this.map.getBearing(), pitch: this.map.getPitch() };
  }

  async #showTime(label) {
    const found = await nearest(this.layer, label);
    this.label = found?.time ?? null;
    this.layer.time = found?.path ?? "latest";
    this.#fillTime();
    const isOwn = this.layer.dataset === data.dataset && this.layer.variable === data.variable && layerText(this.layer) === layerText(this.frames.layer);
    if (isOwn) this.otherFrames.query = this.frames.query;
    remember({ compare: isOwn && this.label ? this.label : [this.layer.dataset, this.layer.variable, layerText(this.layer), this.pinned ? this.label ?? "" : ""].join("/") });
    this.names[0].textContent = this.#name(this.layer, this.label);
    this.names[1].textContent = this.#name(this.frames.layer, this.timeline.label ?? data.label);
    this.told.textContent = this.names[0].textContent;
    await this.otherFrames.show(this.layer.time);
    this.cover.classList.remove("waiting");
    if (this.mode === "difference") this.#difference();
  }

  /**
   * What a map shows: level and member only if they are not the same on both.
   * @param {import("../view/layers.js").Layer} layer
   * @param {string | null} time
   */
  #name({ title, level, member }, time) {
    const other = layerText(this.layer) !== layerText(this.frames.layer);
    return [title, other && level, other && member && `${words.member} ${member}`, time && moment(time)].filter(Boolean).join(" · ");
  }

  /** When the time of the page changes. */
  #follow() {
    const label = this.timeline.label;
    if (this.pinned) {
      this.names[1].textContent = this.#name(this.frames.layer, label);
      if (this.mode === "difference") this.#difference();
    } else this.#showTime(label);
  }

  /** Lays the maps out as the mode says. */
  #arrange() {
    if (!this.other) return;
    const container = this.map.getContainer();
    const beside = this.mode === "side";
    container.classList.toggle("beside", beside);
    this.bar.hidden = this.divider.hidden = this.mode !== "swipe";
    this.cover.hidden = this.mode === "difference";
    for (const name of this.names) name.hidden = this.mode === "difference";
    this.map.setPadding({ left: beside ? container.clientWidth / 2 : 0, right: 0, top: 0, bottom: 0 });
    this.other.resize();
    this.other.jumpTo(this.#view());
    this.#cut();
    if (this.mode === "difference") this.#difference();
    else this.#noDifference();
  }

  #cut() {
    this.divider.style.left = `${this.bar.value}%`;
    this.cover.style.clipPath = this.mode === "swipe" ? `inset(0 ${100 - Number(this.bar.value)}% 0 0)` : "none";
  }

  /** Shows this less the other, in place of this. */
  async #difference() {
    this.#noDifference();
    const run = this.run = (this.run ?? 0) + 1; // another may be asked for while this one waits
    if (this.layer.grid !== this.frames.layer.grid) { this.told.textContent = words.other_grid; return; }
    if (this.layer.unit !== data.unit) { this.told.textContent = words.other_unit; return; }
    const first = this.frames.layer.tiles.replace("{time}", this.frames.path), second = this.layer.tiles.replace("{time}", this.layer.time);
    const reach = await reachOf(first, second, this.#tile()).catch(() => 0);
    if (run !== this.run) return;
    this.told.textContent = reach ? words.difference_of.replace("{a}", `${data.title} ${moment(this.timeline.label ?? "")}`).replace("{b}", this.names[0].textContent)
      : words.no_difference;
    if (!reach) return;
    const end = rounded(reach);
    this.differs = new Frames(this.map, { ...this.frames.layer, tiles: differenceTiles(first, second, end), attribution: "" });
    this.frames.fade(0);
    await this.differs.show("");
    if (run !== this.run) return;
    this.legend = differenceLegend(end, data.unit);
    this.tool.panel.append(this.legend);
  }

  #noDifference() {
    this.run = (this.run ?? 0) + 1;
    this.differs?.remove();
    this.legend?.remove();
    if (this.differs) this.frames.fade(Number(state().opacity ?? 1));
    this.differs = this.legend = null;
  }

  /** The tile in the middle of the map. */
  #tile() {
    const { lng, lat } = this.map.getCenter().wrap();
    const { minzoom = 0, maxzoom = 12 } = this.layer.levels;
    const z = Math.max(minzoom, TILE_ZOOM_LEAST, Math.min(maxzoom, Math.floor(this.map.getZoom())));
    const across = 2 ** z, y = (1 - Math.asinh(Math.tan(lat * Math.PI / 180)) / Math.PI) / 2;
    return { z: String(z), x: String(Math.floor((lng + 180) / 360 * across)), y: String(Math.max(0, Math.min(across - 1, Math.floor(y * across)))) };
  }

  close() {
    this.#noDifference();
    if (this.other) {
      this.map.off("move", this.move);
      this.map.off("projectiontransition", this.bend);
      this.other.remove();
      for (const part of [this.cover, this.divider, this.bar, ...this.names]) part.remove();
    }
    this.map.getContainer().classList.remove("beside");
    this.map.setPadding({ left: 0, right: 0, top: 0, bottom: 0 });
    for (const label of this.labels) label.hidden = true;
    this.other = this.layer = null;
    this.told.textContent = "";
    remember({ compare: null, mode: null });
  }
}

/** The next round number. */
function rounded(value) {
  const power = 10 ** Math.floor(Math.log10(value));
  return (([1, 1.5, 2, 3, 5, 7.5].find((step) => step * power >= value)) ?? 10) * power;
}
