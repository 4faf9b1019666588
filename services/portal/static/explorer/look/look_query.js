// The parameters that tiles and the legend take for colours other than those of the style.
import { data, written } from "../page.js";
import { state } from "../state.js";

/**
 * @typedef {object} Look
 * @property {string} colormap
 * @property {[number, number] | null} range
 * @property {string} scale `linear` or `log`
 */

/**
 * The query of a look; empty for the style as it is.
 * @param {Look} look
 */
export function lookQuery({ colormap, range, scale }) {
  const own = data.look;
  if (!own) return "";
  const asked = new URLSearchParams();
  const isOwnRange = own.range && range && range.every((end, n) => written(own.range[n]) === written(end));
  if (colormap !== own.colormap) asked.set("colormap_name", colormap);
  if (range && range[0] < range[1] && !(isOwnRange && scale === own.scale)) {
    asked.set("rescale", range.join(","));
    if (scale === "log") asked.set("color_scale", "log");
  }
  return asked.toString().replaceAll("%2C", ",");
}

/** The look of the address; what it leaves out, or names wrongly, is that of the style.
 * @returns {Look}
 */
export function heldLook() {
  const own = data.look ?? { colormap: "viridis", range: null, scale: "linear" };
  const { colormap = "", range = "", scale } = state();
  const ends = range.split(",").map((end) => Number(written(Number(end))));
  return {
    colormap: data.colormaps.includes(colormap) ? colormap : own.colormap,
    range: range && ends.length === 2 && ends.every(Number.isFinite) ? /** @type {[number, number]} */ (ends) : own.range,
    scale: scale === "log" || scale === "linear" ? scale : own.scale,
  };
}
