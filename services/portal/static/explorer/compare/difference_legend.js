// The legend of a difference.
import { diverging } from "./difference.js";
import { element, words, written } from "../page.js";

const WIDTH = 400, HEIGHT = 14;

/**
 * @param {number} reach the difference at both ends
 * @param {string} unit
 */
export function differenceLegend(reach, unit) {
  const canvas = element("canvas", { width: WIDTH, height: HEIGHT, role: "img", "aria-label": `${words.mode_difference}: ${written(-reach)} – ${written(reach)} ${unit}` });
  const context = canvas.getContext("2d");
  for (let x = 0; context && x < WIDTH; x += 1) {
    context.fillStyle = `rgb(${diverging((2 * x) / (WIDTH - 1) - 1).join(",")})`;
    context.fillRect(x, 0, 1, HEIGHT);
  }
  const ends = [-reach, -reach / 2, 0, reach / 2, reach].map((value) => element("span", {}, `${value > 0 ? "+" : ""}${written(value)}`));
  return element("figure", { class: "difference-legend" }, element("figcaption", {}, `${words.mode_difference} ${unit && `(${unit})`}`), canvas, element("div", { class: "ends" }, ...ends));
}
