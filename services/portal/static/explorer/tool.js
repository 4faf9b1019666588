// The tools below the map: a row of buttons, each of which opens a panel; one is open at a time.
import { element } from "./page.js";

/** @typedef {{button: HTMLButtonElement, panel: HTMLElement, open: (shown?: boolean) => void, onOpen: (listener: () => void) => void}} Tool */

/** @type {Tool[]} */
const tools = [];

/**
 * A tool with an empty panel.
 * @param {string} id of the panel
 * @param {string} title
 * @returns {Tool}
 */
export function tool(id, title) {
  const panel = element("div", { class: "tool", id: `tool-${id}`, role: "group", "aria-label": title, hidden: true });
  const button = element("button", { type: "button", class: "quiet", "aria-expanded": "false", "aria-controls": panel.id }, title);
  /** @type {(() => void)[]} */
  const listeners = [];
  /** @type {Tool} */
  const made = {
    button, panel,
    open(shown = true) {
      for (const other of tools) {
        const isShown = other === made && shown;
        other.panel.hidden = !isShown;
        other.button.setAttribute("aria-expanded", String(isShown));
      }
      if (shown) for (const listener of listeners) listener();
    },
    onOpen(listener) { listeners.push(listener); },
  };
  button.addEventListener("click", () => made.open(panel.hidden !== false));
  tools.push(made);
  return made;
}
