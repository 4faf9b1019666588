// What is done with the data on the map: values at a place and in a region, other colours, comparison, and taking away.
import { Compare } from "./compare/compare.js";
import { prepareDownload } from "./download.js";
import { share } from "./embed.js";
import { chooseLook } from "./look/look.js";
import { showNames } from "./view/names.js";
import { button, data, element, moment, save, words } from "./page.js";
import { Place } from "./charts/place.js";
import { chooseView } from "./view/projections.js";
import { Regions } from "./region/regions.js";
import { remember, state } from "./state.js";

/** The map as it stands, with its title and time, as a PNG. */
function savePicture(map, timeline) {
  map.once("render", () => {
    const source = map.getCanvas(), head = Math.round(source.width / 24);
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [source.width, source.height + head];
    const context = /** @type {CanvasRenderingContext2D} */ (canvas.getContext("2d"));
    context.fillStyle = "#ffffff";
    context.fillRect(0, 0, canvas.width, canvas.height);
    context.drawImage(source, 0, head);
    context.fillStyle = "#17212b";
    context.font = `${Math.round(head * 0.5)}px system-ui, sans-serif`;
    const label = timeline.label ?? data.label;
    const text = [data.title, data.level && `${data.level} ${data.levelUnit}`, data.member && `${words.member} ${data.member}`, label && moment(label), data.attribution];
    context.fillText(text.filter(Boolean).join(" · "), head * 0.4, head * 0.68, canvas.width - head * 0.8);
    canvas.toBlob((blob) => { if (blob) save(blob, `${data.dataset}-${data.variable}.png`); });
  });
  map.triggerRepaint();
}

/** Whether place names are shown, which they are unless the address says no. */
function chooseNames(map) {
  const box = element("input", { type: "checkbox", checked: state().names !== "off" });
  box.addEventListener("change", () => { showNames(map, box.checked); remember({ names: box.checked ? null : "off" }); });
  return element("label", {}, box, words.names);
}

function showTools(map, timeline, parts) {
  const bar = element("div", { class: "tools", role: "group", "aria-label": words.tools },
    ...parts.map((part) => part.button), button(words.save_picture, () => savePicture(map, timeline)),
    chooseView(map, data.bbox), chooseNames(map));
  document.querySelector(".viewer .below").before(bar, ...parts.map((part) => part.panel));
}

/**
 * The tools of a map whose first time is drawn.
 * @param {import("../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
 * @param {import("./view/frames.js").Frames} frames
 * @param {import("./time/timeline.js").Timeline} timeline
 */
export function useTools(map, frames, timeline) {
  const atPlace = new Place(map, timeline);
  timeline.onTime(() => atPlace.update());
  const view = () => /** @type {[number, number, number, number]} */ (map.getBounds().toArray().flat());
  const look = chooseLook(frames, view, () => timeline.label ?? data.label);
  const regions = data.kind === "rgb" ? [] : [new Regions(map, timeline, atPlace).tool];
  showTools(map, timeline, [look, ...regions, new Compare(map, frames, timeline).tool, share()]);
  prepareDownload(map, timeline, atPlace);
}
