// How the data look: opacity, colour map and range. The tiles, the legend and the link follow.
import { absolute, button, data, element, words, written } from "./page.js";
import { remember, state } from "./state.js";

/** @param {import("./frames.js").Frames} frames */
export function chooseLook(frames) {
  const panel = element("details", { class: "tool" }, element("summary", {}, words.look));
  const opacity = element("input", { type: "range", min: "0", max: "1", step: "0.05", value: state().opacity ?? "1" });
  opacity.addEventListener("input", () => {
    frames.fade(Number(opacity.value));
    remember({ opacity: opacity.value === "1" ? null : opacity.value });
  });
  frames.opacity = Number(opacity.value) || 0;
  panel.append(element("label", {}, words.opacity, opacity));
  if (data.look) editColors(panel, frames);
  return panel;
}

function editColors(panel, frames) {
  const own = { colormap: data.look.colormap, range: data.look.range };
  const names = new Set([own.colormap, ...data.colormaps]);
  const select = element("select", {}, ...[...names].map((name) => element("option", { value: name }, name)));
  const [low, high] = ["", ""].map(() => element("input", { type: "number", step: "any", class: "number" }));
  const fill = (colormap, range) => {
    select.value = colormap;
    [low.value, high.value] = range ? range.map(written) : ["", ""];
  };
  const held = state();
  const heldRange = held.range?.split(",").map(Number);
  fill(names.has(held.colormap) ? held.colormap : own.colormap, heldRange?.length === 2 ? heldRange : own.range);

  const query = () => {
    const asked = new URLSearchParams();
    if (select.value !== own.colormap) asked.set("colormap_name", select.value);
    const ends = [low.value, high.value].map(Number);
    const isOwn = own.range && ends.every((end, n) => written(own.range[n]) === written(end));
    if (low.value && high.value && !isOwn && ends[0] < ends[1]) asked.set("rescale", ends.join(","));
    // a colour map of the request's own is drawn over the style's range, which is said for the legend's sake
    return asked.toString().replaceAll("%2C", ",");
  };
  const apply = () => {
    const unordered = low.value && high.value && !(Number(low.value) < Number(high.value));
    high.setCustomValidity(unordered ? words.range_order : "");
    if (unordered) { high.reportValidity(); return; }
    const asked = query();
    if (asked === frames.query) return;
    frames.look(asked);
    redrawLegend(asked);
    const parts = new URLSearchParams(asked);
    remember({ colormap: parts.get("colormap_name"), range: parts.get("rescale") });
  };
  for (const field of [select, low, high]) field.addEventListener("change", apply);
  const set = (range) => { fill(select.value, range); apply(); };
  const choices = element("span", { class: "row" });
  if (data.values) {
    const { low: p2, high: p98, least, most } = data.values;
    const reach = Math.max(Math.abs(p2), Math.abs(p98));
    choices.append(
      button(words.range_percentiles, () => set([p2, p98])),
      button(words.range_all, () => set([least, most])),
      button(words.range_symmetric, () => set([-reach, reach])),
    );
  }
  choices.append(button(words.reset, () => { fill(own.colormap, own.range); apply(); }));
  panel.append(
    element("label", {}, words.colormap, select),
    element("span", { class: "row" }, element("label", {}, words.range_from, low), element("label", {}, words.range_to, high)),
    choices,
  );
  const asked = query();
  if (asked) { frames.query = asked; panel.open = true; redrawLegend(asked); }
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
