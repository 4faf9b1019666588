// Suggestions below a search box: keywords and titles, those with data with a small picture. Arrow keys choose, Enter
// takes, Escape closes; a title leads to its record. Without scripts the box searches as it is.

/** @typedef {{value: string, type: "keyword" | "title", id?: string, thumbnail?: string}} Suggestion */

const PAUSE_MS = 150;
let boxes = 0;

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 * @param {...(Node | string)} children
 */
function made(name, attributes, ...children) {
  const element = document.createElement(name);
  for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
  element.append(...children);
  return element;
}

class Suggestions {
  /** @param {HTMLInputElement} input */
  constructor(input) {
    this.input = input;
    this.url = input.dataset.suggest ?? "";
    this.asked = "";
    /** @type {Suggestion[]} */
    this.shown = [];
    this.chosen = -1;
    this.list = made("ul", { role: "listbox", class: "suggestions", id: `suggestions-${boxes += 1}`, "aria-label": document.body.dataset.suggestions ?? "" });
    this.list.hidden = true;
    this.live = made("span", { class: "hidden", role: "status" });
    const around = made("span", { class: "suggested" });
    input.replaceWith(around);
    around.append(input, this.list, this.live);
    for (const [name, value] of Object.entries({ role: "combobox", "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": this.list.id })) {
      input.setAttribute(name, value);
    }
    input.addEventListener("input", () => { clearTimeout(this.waiting); this.waiting = setTimeout(() => this.ask(), PAUSE_MS); });
    input.addEventListener("keydown", (event) => this.key(event));
    input.addEventListener("blur", () => setTimeout(() => this.close(), PAUSE_MS));
  }

  async ask() {
    const q = this.input.value.trim();
    if (!q) { this.asked = ""; this.close(); return; }
    if (q === this.asked) return;
    this.asked = q;
    const url = new URL(this.url, location.href);
    url.searchParams.set("q", q.slice(0, 100));
    const answer = await fetch(url, { headers: { Accept: "application/json" } }).catch(() => null);
    if (!answer?.ok || this.asked !== q) return; // a suggestion that does not come is not missed
    this.show((await answer.json()).suggestions);
  }

  /** @param {Suggestion[]} suggestions */
  show(suggestions) {
    this.shown = suggestions;
    this.chosen = -1;
    this.list.replaceChildren(...suggestions.map((suggestion, n) => this.option(suggestion, n)));
    const open = suggestions.length > 0;
    this.list.hidden = !open;
    this.input.setAttribute("aria-expanded", String(open));
    this.input.removeAttribute("aria-activedescendant");
    this.live.textContent = open ? (document.body.dataset.suggestionsCount ?? "").replace("{count}", String(suggestions.length)) : "";
  }

  /**
   * @param {Suggestion} suggestion
   * @param {number} n
   */
  option(suggestion, n) {
    const option = made("li", { role: "option", id: `${this.list.id}-${n}`, "aria-selected": "false" });
    if (suggestion.thumbnail) option.append(made("img", { src: suggestion.thumbnail, alt: "" }));
    option.append(made("span", {}, suggestion.value));
    option.addEventListener("pointerdown", (event) => { event.preventDefault(); this.take(n); });
    return option;
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.key === "Escape" && !this.list.hidden) { event.preventDefault(); this.close(); return; }
    if (event.key === "Enter" && this.chosen >= 0) { event.preventDefault(); this.take(this.chosen); return; }
    if (!step || this.list.hidden) return;
    event.preventDefault();
    this.choose((this.chosen + step + this.shown.length + 1) % (this.shown.length + 1));
  }

  /** @param {number} n of a suggestion; one behind the last: none */
  choose(n) {
    this.chosen = n < this.shown.length ? n : -1;
    for (const [other, option] of [...this.list.children].entries()) option.setAttribute("aria-selected", String(other === this.chosen));
    if (this.chosen < 0) { this.input.removeAttribute("aria-activedescendant"); return; }
    const option = this.list.children[this.chosen];
    this.input.setAttribute("aria-activedescendant", option.id);
    option.scrollIntoView({ block: "nearest" });
  }

  /** @param {number} n */
  take(n) {
    const { type, value, id } = this.shown[n];
    const form = /** @type {HTMLFormElement} */ (this.input.form);
    if (type === "title" && id) {
      const url = new URL(this.url, location.href);
      url.pathname = url.pathname.replace(/suggest$/, `items/${encodeURIComponent(id)}`);
      url.searchParams.delete("q");
      url.searchParams.set("f", "html");
      location.assign(url.href);
      return;
    }
    this.input.value = value.includes(" ") ? `"${value}"` : value;
    this.close();
    form.requestSubmit();
  }

  close() {
    this.list.hidden = true;
    this.chosen = -1;
    this.input.setAttribute("aria-expanded", "false");
    this.input.removeAttribute("aria-activedescendant");
  }
}

for (const input of /** @type {NodeListOf<HTMLInputElement>} */ (document.querySelectorAll("input[data-suggest]"))) {
  new Suggestions(input);
}
