// The form of a process: lists follow the dataset, shapes are drawn on a map, values are checked while they are typed,
// and the number of cells that would be read is told. Without scripts the form works as it is.
import { drawingTool } from "./draw.js";
import { layersOfField, listLayers } from "./layers.js";

/** @typedef {{title: string, cells: number, levels: string[], members: string[]}} VariableFacts */
/** @typedef {{bbox: number[], times: {first: string, last: string, count: number} | null, variables: Record<string, VariableFacts>}} DatasetFacts */

const form = /** @type {HTMLFormElement} */ (document.getElementById("process"));
/** @type {Record<string, string>} */
const words = JSON.parse(form.dataset.words ?? "{}");
/** @type {Record<string, DatasetFacts>} */
const datasets = JSON.parse(document.getElementById("process-data")?.textContent ?? "{}");

/** @param {string} name */
const control = (name) => /** @type {HTMLInputElement | HTMLSelectElement | null} */ (form.elements.namedItem(name));

/** @returns {{dataset: string, variable: string}[]} the fields that are chosen */
function chosen() {
  const fields = [];
  const dataset = control("collection")?.value;
  if (dataset && datasets[dataset]) {
    fields.push({ dataset, variable: control("variable")?.value || Object.keys(datasets[dataset].variables)[0] });
  }
  for (const select of /** @type {NodeListOf<HTMLSelectElement>} */ (form.querySelectorAll("[data-widget=field] select"))) {
    if (!select.value) continue;
    const { collection, variable } = JSON.parse(select.value);
    fields.push({ dataset: collection, variable });
  }
  return fields;
}

/** The variables of the chosen dataset alone, and its times beside the field for them. */
function follow() {
  const dataset = control("collection")?.value ?? "";
  const variable = control("variable");
  if (variable instanceof HTMLSelectElement && datasets[dataset]) {
    const own = datasets[dataset].variables;
    const kept = own[variable.value] ? variable.value : "";
    variable.replaceChildren(new Option("", ""), ...Object.entries(own).map(([id, facts]) => new Option(facts.title, id)));
    variable.value = kept;
  }
  const facts = datasets[dataset]?.variables;
  listLayers(form, facts?.[variable?.value || Object.keys(facts)[0]]);
  const times = control("datetime");
  if (!times) return;
  const about = datasets[dataset || chosen()[0]?.dataset]?.times;
  let hint = document.getElementById("times-hint");
  if (!hint) {
    hint = Object.assign(document.createElement("p"), { id: "times-hint", className: "hint" });
    times.after(hint);
  }
  hint.textContent = about ? filled(words.times, { ...about, count: String(about.count) }) : "";
  times.setAttribute("placeholder", about ? `${about.first}/${about.last}` : "");
}

/**
 * @param {string} text
 * @param {Record<string, string>} values
 */
const filled = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name] ?? "");

/** The share of a dataset's times that the field for them names; 1 where it cannot be told. */
function shareOfTimes(times, text) {
  if (!times || !text) return 1;
  const year = (/** @type {string} */ label) => Date.parse(label.length === 4 ? `${label}-01-01` : label.slice(0, 10).padEnd(10, "-01"));
  if (!text.includes("/")) return 1 / times.count;
  const [from, to] = text.split("/").map((end, n) => (end === ".." || !end ? (n ? times.last : times.first) : end));
  const [first, last, start, end] = [times.first, times.last, from, to].map(year);
  const share = (Math.min(end, last) - Math.max(start, first)) / (last - first || 1);
  return Number.isFinite(share) ? Math.max(1 / times.count, Math.min(1, share)) : 1;
}

function shareOfBox(bbox, text) {
  const [w, s, e, n] = text.split(",").map(Number);
  if (![w, s, e, n].every(Number.isFinite)) return 1;
  const [west, south, east, north] = bbox;
  const across = (Math.min(e, east) - Math.max(w, west)) / (east - west || 1);
  const up = (Math.min(n, north) - Math.max(s, south)) / (north - south || 1);
  return Math.max(0, Math.min(1, across)) * Math.max(0, Math.min(1, up));
}

/** How many cells are read, about. */
function cost() {
  const told = /** @type {HTMLElement} */ (document.getElementById("cost"));
  let cells = 0;
  for (const { dataset, variable } of chosen()) {
    const facts = datasets[dataset];
    const own = facts?.variables[variable];
    if (!own) continue;
    const times = facts.times?.count ?? 1;
    cells += own.cells * times * shareOfTimes(facts.times, control("datetime")?.value.trim() ?? "")
      * shareOfBox(facts.bbox, control("bbox")?.value ?? "");
  }
  const number = new Intl.NumberFormat(document.documentElement.lang, { notation: "compact", maximumSignificantDigits: 3 });
  told.textContent = cells ? filled(words.cost, { cells: number.format(Math.ceil(cells)) }) : "";
}

/**
 * Checks a control and says what is wrong beside it.
 * @param {HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement} field
 */
function check(field) {
  const widget = /** @type {HTMLElement | null} */ (field.closest("[data-widget]"))?.dataset.widget;
  const text = field.value.trim();
  let problem = "";
  if (text && field.tagName === "TEXTAREA" && !/^https?:/.test(text)) {
    try {
      JSON.parse(text);
    } catch (error) {
      if (widget !== "json" || /^[[{]/.test(text)) problem = filled(words.bad_json, { reason: error.message });
    }
  }
  const corners = text.split(",").map(Number);
  if (text && widget === "box" && !(corners.length === 4 && corners.every(Number.isFinite) && corners[1] <= corners[3])) {
    problem = words.bad_box;
  }
  field.setCustomValidity(problem);
  const invalid = !field.validity.valid && (text !== "" || field.validity.badInput);
  field.toggleAttribute("aria-invalid", invalid);
  if (invalid) field.setAttribute("aria-invalid", "true");
  let note = field.parentElement?.querySelector(".problem");
  if (!note && invalid) {
    note = Object.assign(document.createElement("p"), { className: "problem" });
    note.setAttribute("role", "alert");
    field.after(note);
  }
  if (note) note.textContent = invalid ? field.validationMessage : "";
}

form.addEventListener("input", (event) => {
  if (event.target instanceof HTMLInputElement || event.target instanceof HTMLTextAreaElement || event.target instanceof HTMLSelectElement) check(event.target);
  cost();
});
form.addEventListener("change", (event) => {
  const widget = /** @type {HTMLElement} */ (event.target).closest("[data-widget]")?.getAttribute("data-widget");
  if (widget === "collection" || widget === "variable" || widget === "field") follow();
  cost();
});
for (const place of /** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("[data-widget=box], [data-widget=polygons], [data-widget=line]"))) {
  drawingTool(place, words, { land: form.dataset.land ?? "", regions: form.dataset.regions ?? "" });
}
const variables = Object.fromEntries(Object.entries(datasets).map(([id, facts]) => [id, facts.variables]));
for (const field of /** @type {NodeListOf<HTMLSelectElement>} */ (form.querySelectorAll("[data-widget=field] > select"))) {
  layersOfField(field, variables, { level: words.level, member: words.member });
}
follow();
cost();
