// The level and the member of a variable in the form of a process, as lists instead of texts.

/** @typedef {import("./main.js").VariableFacts} VariableFacts */
/** @typedef {Record<string, Record<string, VariableFacts>>} Variables by dataset and id */

const AXES = /** @type {const} */ (["level", "member"]);
const labelsOf = (/** @type {VariableFacts | undefined} */ facts, /** @type {"level" | "member"} */ axis) => (facts && (axis === "level" ? facts.levels : facts.members)) || [];

/**
 * @param {string[]} labels
 * @param {string} shown
 */
function list(labels, shown) {
  const select = document.createElement("select");
  select.append(...labels.map((label) => new Option(label, label, false, label === shown)));
  return select;
}

/**
 * Turns the inputs `level` and `member` into lists of what the chosen variable has, and hides one that it has not.
 * @param {HTMLFormElement} form
 * @param {VariableFacts | undefined} facts of the variable; undefined: none is chosen, so that both stay texts
 */
export function listLayers(form, facts) {
  for (const axis of AXES) {
    const control = /** @type {HTMLInputElement | HTMLSelectElement | null} */ (form.elements.namedItem(axis));
    const place = /** @type {HTMLElement | null} */ (control?.closest(".field"));
    if (!control || !place) continue;
    const labels = labelsOf(facts, axis);
    place.hidden = Boolean(facts) && labels.length < 2;
    if (place.hidden) control.value = "";
    if (labels.length < 2 || place.hidden) continue;
    const select = list(["", ...labels], labels.includes(control.value) ? control.value : "");
    Object.assign(select, { id: control.id, name: axis });
    if (control.getAttribute("aria-describedby")) select.setAttribute("aria-describedby", control.getAttribute("aria-describedby") ?? "");
    control.replaceWith(select);
  }
}

/**
 * Lists beside a field, a list of variables whose values are the JSON of inputs, for the level and the member of the one
 * that is chosen.
 * @param {HTMLSelectElement} field
 * @param {Variables} variables
 * @param {Record<"level" | "member", string>} words
 */
export function layersOfField(field, variables, words) {
  const row = document.createElement("p");
  row.className = "row";
  field.after(row);
  const fill = () => {
    row.replaceChildren();
    if (!field.value) return;
    const option = field.selectedOptions[0], input = JSON.parse(option.value);
    const facts = variables[input.collection]?.[input.variable];
    for (const axis of AXES) {
      const labels = labelsOf(facts, axis);
      if (labels.length < 2) continue;
      const select = list(labels, input[axis] ?? labels[0]), label = document.createElement("label");
      select.addEventListener("change", () => { option.value = JSON.stringify(Object.assign(input, { [axis]: select.value })); });
      label.append(`${words[axis]} `, select);
      row.append(label);
    }
  };
  field.addEventListener("change", fill);
  fill();
}
