// How the data look: opacity, colour map, range and scale. The tiles, the legend and the link follow.
import { heldLook, lookQuery } from "./look_query.js";
import { absolute, button, data, element, json, words, written } from "../page.js";
import { saveStyle } from "./save_style.js";
import { remember, state } from "../state.js";
import { tool } from "../tool.js";

/**
 * @param {import("../view/frames.js").Frames} frames
 * @param {() => [number, number, number, number]} view west, south, east and north of the map
 * @param {() => string | null} time label of the time that is shown
 */
export function chooseLook(frames, view, time) {
  const made = tool("look", words.look);
  const opacity = element("input", { type: "range", min: "0", max: "1", step: "0.05", value: state().opacity ?? "1" });
  opacity.addEventListener("input", () => {
    frames.fade(Number(opacity.value));
    remember({ opacity: opacity.value === "1" ? null : opacity.value });
  });
  made.panel.append(element("label", {}, words.opacity, opacity));
  if (data.look) new Colors(made, frames, view, time);
  return made;
}

class Colors {
  constructor(made, frames, view, time) {
    this.frames = frames;
    this.own = data.look;
    const names = new Set([this.own.colormap, ...data.colormaps]);
    this.select = element("select", {}, ...[...names].map((name) => element("option", { value: name }, name)));
    this.low = element("input", { type: "number", step: "any", class: "number" });
    this.high = element("input", { type: "number", step: "any", class: "number" });
    this.scale = element("select", {}, ...["linear", "log"].map((name) => element("option", { value: name }, words[`scale_${name}`])));
    this.problem = element("output", { class: "hint", role: "alert" });
    const held = heldLook();
    this.#fill(held.colormap, held.range, held.scale);
    for (const field of [this.select, this.low, this.high, this.scale]) field.addEventListener("change", () => this.apply());
    made.panel.append(
      element("label", {}, words.colormap, this.select),
      element("span", { class: "row" }, element("label", {}, words.range_from, this.low), element("label", {}, words.range_to, this.high),
        element("label", {}, words.scale, this.scale)),
      this.#presets(view, time), this.problem, saveStyle(() => this.#style()),
    );
    const asked = this.query();
    if (asked) { made.open(); redrawLegend(asked); }
  }

  #fill(colormap, range, scale) {
    this.select.value = colormap;
    this.scale.value = scale;
    [this.low.value, this.high.value] = range ? range.map(written) : ["", ""];
  }

  #presets(view, time) {
    const set = (range) => { this.#fill(this.select.value, range, this.scale.value === "log" && range[0] <= 0 ? "linear" : this.scale.value); this.apply(); };
    const choices = element("span", { class: "row" });
    if (data.values) {
      const { low, high, least, most } = data.values;
      choices.append(button(words.range_percentiles, () => set([low, high])), button(words.range_all, () => set([least, most])));
    }
    choices.append(
      button(words.range_view, async () => {
        const range = await shownRange(view(), time()).catch((error) => { this.problem.textContent = error.message; });
        if (range) set(range);
      }),
      button(words.range_symmetric, () => {
        const reach = Math.max(Math.abs(Number(this.low.value)), Math.abs(Number(this.high.value)));
        if (reach) set([-reach, reach]);
      }),
      button(words.reset, () => { this.#fill(this.own.colormap, this.own.range, this.own.scale); this.apply(); }),
    );
    return choices;
  }

  /** The parameters that tiles and the legend take; empty for the style as it is. */
  query() {
    const isGiven = this.low.value && this.high.value;
    const range = isGiven ? /** @type {[number, number]} */ ([Number(this.low.value), Number(this.high.value)]) : null;
    return lookQuery({ colormap: this.select.value, range, scale: this.scale.value });
  }

  /** What is wrong with the range; empty if nothing is. */
  #fault() {
    const [low, high] = [this.low.value, this.high.value];
    if (low && high && !(Number(low) < Number(high))) return words.range_order;
    return this.scale.value === "log" && !(Number(low) > 0) ? words.range_positive : "";
  }

  apply() {
    this.problem.textContent = this.#fault();
    if (this.problem.textContent) return;
    const asked = this.query();
    if (asked === this.frames.query) return;
    this.frames.look(asked);
    redrawLegend(asked);
    const parts = new URLSearchParams(asked);
    remember({ colormap: parts.get("colormap_name"), range: parts.get("rescale"), scale: parts.get("color_scale") });
  }

  #style() {
    this.problem.textContent = this.#fault();
    return this.problem.textContent ? null
      : { colormap: this.select.value, range: [Number(this.low.value), Number(this.high.value)], scale: this.scale.value };
  }
}

/** The 2nd and 98th percentile of what the map shows, or its ends where there are too many cells for percentiles. */
async function shownRange([west, south, east, north], time) {
  const [w, s, e, n] = data.bbox;
  const wraps = e < w || east - west >= 360;
  const box = wraps ? [w, Math.max(s, south), e, Math.min(n, north)]
    : [Math.max(w, west), Math.max(s, south), Math.min(e, east), Math.min(n, north)];
  const url = new URL(absolute(`${data.collection}/statistics`));
  url.searchParams.set("bbox", box.map((value) => value.toFixed(4)).join(","));
  url.searchParams.set("properties", data.variable);
  if (time) url.searchParams.set("datetime", time);
  if (data.level) url.searchParams.set("level", data.level);
  if (data.member) url.searchParams.set("member", data.member);
  const { statistics: [first] } = await json(url.href);
  const { percentiles, minimum, maximum } = first;
  const range = percentiles ? [percentiles["2"], percentiles["98"]] : [minimum, maximum];
  if (range[0] === null || !(range[0] < range[1])) throw new Error(words.region_no_data);
  return range;
}

/** The page's own legend, or a picture of the one that belongs to these colours. */
function redrawLegend(query) {
  const figure = document.querySelector("figure.legend");
  const bar = figure?.querySelector(".bar");
  if (!figure || !bar) return;
  figure.querySelector("img")?.remove();
  bar.toggleAttribute("hidden", Boolean(query));
  if (query) {
    const url = absolute(data.legend) + (data.legend.includes("?") ? "&" : "?") + query;
    figure.append(element("img", { src: url, alt: words.legend, class: "edited" }));
  }
}
