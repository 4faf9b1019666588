// What the page hands to the explorer, and small helpers that its modules share.

/**
 * @typedef {object} PageData
 * @property {string} dataset id of the dataset
 * @property {string} variable id of the variable
 * @property {string} title title of the variable
 * @property {string} unit unit of its values; empty without one
 * @property {string} style id of the style
 * @property {string | null} level label of the level
 * @property {string[]} levels labels of all levels; empty without levels
 * @property {string} levelUnit unit of the levels
 * @property {string | null} member label of the member of an ensemble
 * @property {string[]} members labels of all members; empty without members
 * @property {[number, number, number, number]} bbox west, south, east, north in degrees
 * @property {[number, number]} zooms first and last zoom level that have tiles
 * @property {string} tiles template of the tiles with {time}, {z}, {x}, {y}
 * @property {string} time the time that is shown, as it stands in paths
 * @property {string | null} label the same as it stands in documents
 * @property {string | null} first label of the first time
 * @property {string | null} last label of the last time
 * @property {string} times URL of the times
 * @property {boolean} gregorian whether a browser's dates can tell the times
 * @property {string} collection URL of the collection
 * @property {string} language language of the page
 * @property {string} root path below which everything is served; empty at the root of a host
 * @property {{crs: string, transform: number[], shape: number[]}} grid CRS, place and size of the cells
 * @property {"continuous" | "categorical" | "rgb"} kind of the variable
 * @property {boolean} geographic whether the grid is in degrees
 * @property {number} count number of times; 1 without times
 * @property {string} statistics URL of the process for statistics of polygons
 * @property {string} series URL of the process for time series
 * @property {string} jobs URL of the jobs
 * @property {string} regions URL of the named regions
 * @property {string} edr URL of the collection in EDR
 * @property {string} legend URL of the legend as a picture
 * @property {{low: number, high: number, least: number, most: number} | null} values percentiles 2 and 98, minimum, maximum
 * @property {{colormap: string, range: [number, number] | null, scale: "linear" | "log"} | null} look what can be edited; null: classes, colours
 * @property {string[]} colormaps names to choose from
 * @property {{width: number, height: number, bytes: Record<string, number>, limit: number}} download what its size is reckoned with
 * @property {string} attribution line of credit
 * @property {Record<string, string> & {map: Record<string, string>}} words texts in the language of the page
 */

/** @type {PageData} */
export const data = JSON.parse(/** @type {HTMLElement} */ (document.getElementById("map-data")).textContent ?? "");
export const words = data.words;
export const dark = matchMedia("(prefers-color-scheme: dark)").matches;
export const language = document.documentElement.lang || "en";

/** URLs come without a host, so that the page works under every name of it; some readers ask for absolute ones. */
export const absolute = (/** @type {string} */ path) => new URL(path, location.href).href;

/**
 * An element with properties and children.
 * @template {keyof HTMLElementTagNameMap} Name
 * @param {Name} name
 * @param {Record<string, unknown>} [properties] `class`, `dataset`, attributes with "-", and properties
 * @param {...(Node | string)} children
 * @returns {HTMLElementTagNameMap[Name]}
 */
export function element(name, properties = {}, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(properties)) {
    if (key === "class") made.className = String(value);
    else if (key === "dataset") Object.assign(made.dataset, value);
    else if (key.includes("-") || key === "role" || key === "for") made.setAttribute(key, String(value));
    else Reflect.set(made, key, value);
  }
  made.append(...children);
  return made;
}

/**
 * A button that does one thing.
 * @param {string} text
 * @param {() => void} act
 */
export function button(text, act, properties = {}) {
  const made = element("button", { type: "button", class: "quiet", ...properties }, text);
  made.addEventListener("click", act);
  return /** @type {HTMLButtonElement} */ (made);
}

/**
 * The answer of a URL as JSON; throws an Error with the server's own words.
 * @param {string} url
 * @param {AbortSignal} [signal]
 */
export async function json(url, signal) {
  const answer = await fetch(url, { headers: { Accept: "application/json", "Accept-Language": data.language }, signal });
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Error(problem.detail ?? problem.description ?? `${answer.status} ${answer.statusText}`);
}

/**
 * The JSON answer to a JSON body; throws an Error with the server's own words.
 * @param {string} url
 * @param {unknown} body
 * @param {AbortSignal} [signal]
 * @param {Record<string, string>} [headers]
 */
export async function post(url, body, signal, headers = {}) {
  const sent = { Accept: "application/json", "Accept-Language": data.language, "Content-Type": "application/json", ...headers };
  const answer = await fetch(url, { method: "POST", headers: sent, body: JSON.stringify(body), signal });
  if (answer.ok) return answer.json();
  const problem = await answer.json().catch(() => ({}));
  throw new Error(problem.detail ?? problem.description ?? `${answer.status} ${answer.statusText}`);
}

/** A number as people read it: at most five significant digits. */
export const written = (/** @type {number} */ value) =>
  Number.isInteger(value) && Math.abs(value) < 1e6 ? String(value) : String(Number(value.toPrecision(5)));

/**
 * Hands text to the clipboard, and says so on the button for a moment.
 * @param {HTMLButtonElement} target
 * @param {string} text
 */
export async function copy(target, text) {
  const before = target.textContent;
  try {
    await navigator.clipboard.writeText(text);
    target.textContent = document.body.dataset.copied ?? before;
  } catch { // pages without TLS have no clipboard
    prompt(before ?? "", text);
  }
  setTimeout(() => { target.textContent = before; }, 1500);
}

/**
 * Saves a blob as a file of the browser.
 * @param {Blob} blob
 * @param {string} name
 */
export function save(blob, name) {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}

/** Degrees with their direction. */
export const degrees = (/** @type {number} */ value, /** @type {string} */ positive, /** @type {string} */ negative) =>
  `${Math.abs(value).toFixed(2)}°${value >= 0 ? positive : negative}`;

/** A time as people read it. */
export const moment = (/** @type {string} */ label) => label.replace("T", " ").replace(/(:00)?(\.0+)?Z$/, " UTC");
