// Shapes drawn on a small map of the world for the field of a form: a box, polygons or a line, as the text that it takes.

const SVG = "http://www.w3.org/2000/svg";
const DIGITS = 2;

/** @typedef {[number, number]} Point longitude and latitude in degrees */

/**
 * @param {string} name
 * @param {Record<string, string>} attributes
 */
function shape(name, attributes) {
  const made = document.createElementNS(SVG, name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  return made;
}

/**
 * @param {string} text
 * @param {() => void} act
 */
function button(text, act) {
  const made = Object.assign(document.createElement("button"), { type: "button", className: "quiet", textContent: text });
  made.addEventListener("click", act);
  return made;
}

const round = (/** @type {number} */ value) => Number(value.toFixed(DIGITS));

/**
 * Adds tools to a field: a map to draw on, and for polygons an upload and named regions.
 * @param {HTMLElement} place which holds the field
 * @param {Record<string, string>} words
 * @param {{land: string, regions: string}} urls
 */
export function drawingTool(place, words, urls) {
  const field = /** @type {HTMLInputElement | HTMLTextAreaElement} */ (place.querySelector("input, textarea"));
  const kind = /** @type {"box" | "polygons" | "line"} */ (place.dataset.widget);
  const bar = Object.assign(document.createElement("p"), { className: "row" });
  const map = new DrawingMap(field, kind, words, urls.land);
  const toggle = button(words.draw, () => {
    map.element.hidden = !map.element.hidden;
    toggle.setAttribute("aria-expanded", String(!map.element.hidden));
    if (!map.element.hidden) map.show();
  });
  toggle.setAttribute("aria-expanded", "false");
  bar.append(toggle);
  if (kind === "polygons") {
    bar.append(upload(field, words));
    chooseRegion(field, words, urls.regions, bar);
  }
  field.after(bar, map.element);
}

/** @param {HTMLInputElement | HTMLTextAreaElement} field */
function put(field, text) {
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
}

function upload(field, words) {
  const file = Object.assign(document.createElement("input"), { type: "file", accept: ".geojson,.json,application/geo+json" });
  file.addEventListener("change", async () => { if (file.files?.[0]) put(field, await file.files[0].text()); });
  const label = document.createElement("label");
  label.className = "upload";
  label.append(words.upload, file);
  return label;
}

/** A list of named regions, where this server has them. */
async function chooseRegion(field, words, url, bar) {
  const language = document.documentElement.lang.startsWith("zh") ? "zh" : "en";
  const answer = await fetch(`${url}?f=json&lang=${language}&limit=1000`).catch(() => null);
  if (!answer?.ok) return;
  const { regions } = await answer.json();
  const select = document.createElement("select");
  select.setAttribute("aria-label", words.region);
  select.append(new Option(words.region, ""), ...(regions ?? []).map(({ id, title }) => new Option(title ?? id, id)));
  select.addEventListener("change", async () => {
    if (!select.value) return;
    const region = await fetch(`${url}/${encodeURIComponent(select.value)}`, { headers: { Accept: "application/geo+json" } }).catch(() => null);
    if (region?.ok) put(field, JSON.stringify(await region.json()));
  });
  bar.append(select);
}

class DrawingMap {
  /**
   * @param {HTMLInputElement | HTMLTextAreaElement} field
   * @param {"box" | "polygons" | "line"} kind
   * @param {Record<string, string>} words
   * @param {string} land
   */
  constructor(field, kind, words, land) {
    this.field = field;
    this.kind = kind;
    /** @type {Point[]} */
    this.points = [];
    this.element = document.createElement("div");
    this.element.hidden = true;
    this.svg = shape("svg", { class: "locator drawable", viewBox: "-180 -90 360 180", role: "img", tabindex: "0", "aria-label": `${words.map}. ${words[`draw_${kind}`]}` });
    this.svg.append(
      shape("rect", { class: "sea", x: "-180", y: "-90", width: "360", height: "180" }),
      shape("image", { href: land, x: "-180", y: "-90", width: "360", height: "180" }),
    );
    this.drawn = shape(kind === "line" ? "polyline" : "polygon", { class: "drawn" });
    this.svg.append(this.drawn);
    const hint = Object.assign(document.createElement("p"), { className: "hint", textContent: words[`draw_${kind}`] });
    const bar = Object.assign(document.createElement("p"), { className: "row" });
    if (kind !== "box") bar.append(button(words.done, () => this.finish()));
    bar.append(button(words.clear, () => { this.points = []; put(this.field, ""); this.show(); }));
    this.element.append(this.svg, hint, bar);
    this.svg.addEventListener("pointerdown", (event) => this.press(/** @type {PointerEvent} */ (event)));
    this.svg.addEventListener("pointermove", (event) => this.move(/** @type {PointerEvent} */ (event)));
    this.svg.addEventListener("pointerup", () => { if (this.kind === "box" && this.start) { this.start = undefined; this.finish(); } });
    this.svg.addEventListener("keydown", (event) => {
      if (/** @type {KeyboardEvent} */ (event).key !== "Backspace" || !this.points.length) return;
      event.preventDefault();
      this.points.pop();
      this.show();
    });
  }

  /** @returns {Point} */
  at(event) {
    const matrix = /** @type {SVGSVGElement} */ (this.svg).getScreenCTM();
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(matrix.inverse());
    return [round(Math.max(-180, Math.min(180, x))), round(Math.max(-90, Math.min(90, -y)))];
  }

  /** @param {PointerEvent} event */
  press(event) {
    event.preventDefault();
    const point = this.at(event);
    if (this.kind === "box") {
      this.start = point;
      this.svg.setPointerCapture(event.pointerId);
    } else {
      this.points.push(point);
    }
    this.svg.focus();
    this.show();
  }

  /** @param {PointerEvent} event */
  move(event) {
    if (!this.start) return;
    const [[x0, y0], [x1, y1]] = [this.start, this.at(event)];
    this.points = [[x0, y0], [x1, y0], [x1, y1], [x0, y1]];
    this.show();
  }

  show() {
    this.drawn.setAttribute("points", this.points.map(([x, y]) => `${x},${-y}`).join(" "));
  }

  /** Hands the shape to the field. */
  finish() {
    const xs = this.points.map(([x]) => x), ys = this.points.map(([, y]) => y);
    if (this.kind === "box" && this.points.length === 4) {
      put(this.field, [Math.min(...xs), Math.min(...ys), Math.max(...xs), Math.max(...ys)].join(","));
    } else if (this.kind === "line" && this.points.length >= 2) {
      put(this.field, JSON.stringify({ type: "LineString", coordinates: this.points }));
    } else if (this.kind === "polygons" && this.points.length >= 3) {
      const geometry = { type: "Polygon", coordinates: [[...this.points, this.points[0]]] };
      put(this.field, JSON.stringify({ type: "FeatureCollection", features: [{ type: "Feature", properties: {}, geometry }] }));
    }
  }
}
