// Datasets as layers of a map: the list of them, and what one needs to be drawn.
import { absolute, data, json } from "../page.js";

/**
 * @typedef {object} Layer
 * @property {string} dataset
 * @property {string} variable
 * @property {string} title
 * @property {string} [level] label of the level; absent without levels
 * @property {string} [member] label of the member of an ensemble; absent without members
 * @property {string} unit
 * @property {string} tiles template of its tiles with {time}, {z}, {x}, {y}
 * @property {(path: string, crs: string) => string} polar template of its tiles in a polar CRS at a time, with {bbox}
 * @property {{minzoom?: number, maxzoom?: number}} levels zoom levels that have tiles
 * @property {string} attribution
 * @property {string} time the time that is first shown, as it stands in paths
 * @property {string} grid CRS, place and size of its cells, to be compared with another's
 * @property {string} legend URL of its legend
 * @property {[number, number, number, number]} bbox
 * @property {boolean} timed whether it has times
 * @property {string} times URL of its times; empty without times
 */

const MOST_PAGES = 10;

/** Id and title of every dataset whose data are served. */
export async function datasets() {
  const found = [];
  let url = new URL(absolute(`${data.root}/collections`));
  url.searchParams.set("limit", "1000");
  url.searchParams.set("lang", data.language);
  for (let page = 0; url && page < MOST_PAGES; page += 1) {
    const document_ = await json(url.href);
    for (const one of document_.collections) {
      if (one["graticule:variables"]?.length && one["graticule:access"]?.served) found.push({ id: one.id, title: one.title });
    }
    const next = document_.links.find((link) => link.rel === "next");
    url = next ? new URL(absolute(data.root + local(next.href))) : null;
  }
  return found.sort((a, b) => a.title.localeCompare(b.title, data.language));
}

/** Path and query of a link of ours below its root, whatever host it names. */
const local = (href) => { const url = new URL(href); return url.pathname.slice(data.root.length) + url.search; };

/** What two grids are compared by. */
const cellsOf = ({ crs, transform, shape }) => JSON.stringify([crs, transform, shape]);

/** The collection document of a dataset. */
export function collection(id) {
  const url = new URL(absolute(`${data.root}/collections/${encodeURIComponent(id)}`));
  url.searchParams.set("lang", data.language);
  return json(url.href);
}

/**
 * A variable of a dataset as a layer.
 * @param {any} document_ the collection document
 * @param {{variable?: string, style?: string, level?: string | null, member?: string | null, time?: string}} choice absent: the first, `default`, the firsts, the latest
 * @returns {Promise<Layer>}
 */
export async function layerOf(document_, choice = {}) {
  const variables = document_["graticule:variables"];
  const variable = variables.find(({ id }) => id === choice.variable) ?? variables[0];
  const style = variable.styles.some(({ id }) => id === choice.style) ? choice.style : variable.styles[0]?.id ?? "default";
  const labels = variable.levels?.labels ?? [];
  const level = labels.includes(choice.level) ? choice.level : labels[0];
  const members = variable.members?.labels ?? [];
  const member = members.includes(choice.member) ? choice.member : members[0];
  const layer = `${level ? encodeURIComponent(level) : ""}${member ? `@${encodeURIComponent(member)}` : ""}`;
  const { root } = data, here = `${root}/collections/${document_.id}`;
  const { minzoom, maxzoom } = await json(absolute(`${root}/xyz/${document_.id}/${variable.id}/tilejson.json`)).catch(() => ({}));
  return {
    dataset: document_.id, variable: variable.id, title: variable.title, level, member, unit: variable.unit && variable.unit !== "1" ? variable.unit : "",
    tiles: `${absolute(`${root}/xyz/${document_.id}/${variable.id}/${style}/`)}{time}/${layer && `${layer}/`}{z}/{x}/{y}.png`,
    polar: polarTiles(here, variable.id, style, level, member),
    levels: { ...(minzoom >= 0 && { minzoom }), ...(maxzoom >= 0 && { maxzoom }) },
    attribution: document_.attribution ?? "", time: choice.time ?? "latest", grid: cellsOf(variable.grid),
    legend: `${here}/styles/${style}/legend?variable=${variable.id}&f=svg&lang=${data.language}`,
    bbox: document_.extent.spatial.bbox[0], timed: Boolean(document_["graticule:time"]),
    times: document_["graticule:time"] ? `${here}/times?variable=${variable.id}` : "",
  };
}

/** Tiles in a polar CRS are maps of their squares. */
const polarTiles = (here, variable, style, level, member) => (path, crs) => {
  const query = new URLSearchParams({ variable, ...(level && { level }), ...(member && { member }), ...(path !== "latest" && { datetime: unpathed(path) }), crs: `[${crs}]`, "bbox-crs": `[${crs}]`, width: "256", height: "256", transparent: "true" });
  return `${absolute(`${here}/styles/${style}/map`)}?${query}&bbox={bbox}`;
};

/** A label as it stood before it was made a part of a path. */
const unpathed = (path) => path.replace(/T(\d\d)(\d\d)(\d\d)?/, (_, hour, minute, second) => `T${hour}:${minute}${second ? `:${second}` : ""}`);

/** The time of a layer that is nearest to a label, or null if it has no times or none near. */
export async function nearest(layer, label) {
  if (!layer.times || !label) return null;
  const url = new URL(absolute(layer.times));
  url.searchParams.set("datetime", label);
  url.searchParams.set("limit", "1");
  return json(url.href).catch(() => null);
}

/** The variable of this page as a layer.
 * @returns {Layer}
 */
export function ownLayer() {
  const [minzoom, maxzoom] = data.zooms;
  return {
    dataset: data.dataset, variable: data.variable, title: data.title, level: data.level ?? undefined, member: data.member ?? undefined, unit: data.unit,
    tiles: absolute(data.tiles).replaceAll("%7B", "{").replaceAll("%7D", "}"),
    polar: polarTiles(data.collection, data.variable, data.style, data.level, data.member),
    levels: { minzoom, maxzoom },
    attribution: data.attribution, time: data.time, grid: cellsOf(data.grid), legend: data.legend, bbox: data.bbox,
    timed: Boolean(data.label), times: data.label ? data.times : "",
  };
}
