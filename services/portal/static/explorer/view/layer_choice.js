// The level and the member of a layer: lists to choose them from, and both as one text of the address, `850@3` or `@3`.
import { element, words } from "../page.js";

/** @typedef {{level?: string, member?: string}} Choice */

/** @param {Choice} choice */
export const layerText = ({ level, member }) => `${level ?? ""}${member ? `@${member}` : ""}`;

/**
 * @param {string} [text]
 * @returns {Choice}
 */
export function parted(text = "") {
  const [level, member] = text.split("@");
  return { ...(level && { level }), ...(member && { member }) };
}

/**
 * Fields for the level and the member of a variable that has more than one; they follow what is chosen.
 * @param {any} variable of a collection document
 * @param {Choice} shown
 * @param {(choice: Choice) => void} choose called with both after a change
 */
export function layerFields(variable, shown, choose) {
  const chosen = { ...shown };
  const field = (/** @type {"level" | "member"} */ name, /** @type {string} */ title, /** @type {{labels: string[], unit?: string} | undefined} */ axis) => {
    if (!axis || axis.labels.length < 2) return [];
    const select = element("select", { name }, ...axis.labels.map((label) => element("option", { value: label, selected: label === shown[name] }, label)));
    select.addEventListener("change", () => { chosen[name] = select.value; choose({ ...chosen }); });
    return [element("label", {}, axis.unit ? `${title} (${axis.unit})` : title, select)];
  };
  return [...field("level", words.level, variable?.levels), ...field("member", words.member, variable?.members)];
}
