// A region: named, drawn, typed, or from a file; what it holds at the time that is shown, and over time.
import { Draw } from "./draw.js";
import { polygonsOf } from "./geometry_files.js";
import { boundsOf, boxPolygon, Outline } from "../view/outline.js";
import { absolute, button, data, element, json, words } from "../page.js";
import { requests, showSeries, showStatistics } from "./region_answer.js";
import { remember, state } from "../state.js";
import { tool } from "../tool.js";

const KINDS = ["province", "country", "sea", "basin"];
const MOST_IN_LINK = 40;

export class Regions {
  /**
   * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
   * @param {import("../time/timeline.js").Timeline} timeline
   * @param {import("../charts/place.js").Place} place
   */
  constructor(map, timeline, place) {
    this.map = map;
    this.timeline = timeline;
    this.outline = new Outline(map);
    this.draw = new Draw(map, this.outline, place, (geometry) => this.#drawn(geometry));
    this.panel = element("section", { class: "place region", "aria-live": "polite" });
    this.panel.hidden = true;
    document.querySelector(".viewer .below").after(this.panel);
    this.tool = this.#tool();
    timeline.onTime(() => { if (this.region) this.#statistics(); });
    if (state().region) this.#restore(state().region);
  }

  #tool() {
    const made = tool("region", words.region);
    this.choice = element("select", {}, element("option", { value: "" }, words.choose));
    this.choice.addEventListener("change", () => { if (this.choice.value) this.named(this.choice.value); });
    made.onOpen(() => this.#list());
    const file = element("input", { type: "file", accept: ".geojson,.json,.kml,.kmz,.zip,application/geo+json" });
    this.problem = element("output", { class: "hint", role: "alert" });
    file.addEventListener("change", () => { if (file.files?.length) this.#upload(file.files[0]); });
    const typed = element("input", { type: "text", placeholder: "100,20,120,35", "aria-describedby": "corners-hint", size: 24 });
    const take = () => this.#typed(typed.value);
    typed.addEventListener("keydown", (event) => { if (event.key === "Enter") { event.preventDefault(); take(); } });
    made.panel.append(
      element("label", {}, words.region_named, this.choice),
      element("span", { class: "row" }, button(words.draw_box, () => this.draw.box()), button(words.draw_polygon, () => this.draw.polygon())),
      element("label", {}, words.region_file, file),
      element("span", { class: "row" }, element("label", {}, words.region_typed, typed), button(words.show, take),
        element("span", { class: "hint", id: "corners-hint" }, words.region_typed_hint)),
      this.problem,
    );
    return made;
  }

  /** Fills the list of names when it is first looked at. */
  async #list() {
    if (this.listed) return;
    this.listed = true;
    const url = new URL(absolute(data.regions));
    url.searchParams.set("lang", data.language);
    const { regions } = await json(url.href).catch(() => ({ regions: [] }));
    const kinds = [...new Set([...KINDS, ...regions.map((region) => region.kind)])];
    for (const kind of kinds) {
      const named = regions.filter((region) => region.kind === kind).sort((a, b) => a.title.localeCompare(b.title, data.language));
      if (!named.length) continue;
      this.choice.append(element("optgroup", { label: words[`kind_${kind}`] ?? kind },
        ...named.map((region) => element("option", { value: region.id }, region.title))));
    }
    if (this.region?.id) this.choice.value = this.region.id;
  }

  /** @param {string} id of a named region */
  async named(id) {
    this.problem.textContent = "";
    const url = new URL(absolute(`${data.regions}/${encodeURIComponent(id)}`));
    url.searchParams.set("lang", data.language);
    try {
      const feature = await json(url.href);
      this.choose({ id, title: feature.properties.name, geometry: feature.geometry }, true);
    } catch (error) {
      this.problem.textContent = error.message;
    }
  }

  async #upload(file) {
    this.problem.textContent = words.asking;
    try {
      const geometry = await polygonsOf(file);
      this.problem.textContent = "";
      this.choose({ id: null, title: file.name, geometry }, true);
    } catch (error) {
      this.problem.textContent = error.message;
    }
  }

  /** A box or corners as text. */
  #typed(text) {
    const numbers = text.trim().split(/[\s,;]+/).map(Number);
    this.problem.textContent = "";
    const good = numbers.every(Number.isFinite) && numbers.length >= 4 && numbers.length % 2 === 0;
    const pairs = Array.from({ length: numbers.length / 2 }, (_, n) => numbers.slice(2 * n, 2 * n + 2));
    if (!good || numbers.length === 4 && numbers[1] >= numbers[3] || pairs.some(([x, y]) => Math.abs(x) > 360 || Math.abs(y) > 90)) {
      this.problem.textContent = words.region_typed_wrong;
      return;
    }
    if (numbers.length === 4) {
      const [west, south, east, north] = numbers;
      this.choose({ id: null, title: numbers.join(", "), geometry: boxPolygon([west, south, east <= west ? east + 360 : east, north]) }, true);
    } else this.choose({ id: null, title: words.own_polygon, geometry: { type: "Polygon", coordinates: [[...pairs, pairs[0]]] } }, true);
  }

  #drawn(geometry) {
    if (!geometry) { if (!this.region) this.outline.clear(); else this.outline.show(this.region.geometry); return; }
    const isBox = geometry.coordinates[0].length === 5 && new Set(geometry.coordinates[0].flat()).size <= 4;
    this.choose({ id: null, title: isBox ? boundsOf(geometry).join(", ") : words.own_polygon, geometry }, false);
  }

  #restore(text) {
    if (/^-?[\d.]+,/.test(text)) this.#typed(text);
    else this.named(text);
  }

  /**
   * Shows a region and asks for what it holds.
   * @param {{id: string | null, title: string, geometry: GeoJSON.Polygon | GeoJSON.MultiPolygon}} region
   * @param {boolean} fit whether the map moves there
   */
  choose(region, fit) {
    const box = boundsOf(region.geometry);
    this.region = { ...region, cells: cellsIn(box) };
    this.choice.value = region.id ?? "";
    this.outline.show(region.geometry);
    const [west, south, east, north] = box;
    if (fit) this.map.fitBounds([[west, Math.max(-85, south)], [east, Math.min(85, north)]], { padding: 40, maxZoom: 9, animate: false });
    const corners = region.geometry.type === "Polygon" && region.geometry.coordinates.length === 1 ? region.geometry.coordinates[0].slice(0, -1) : [];
    const isBox = corners.length === 4 && new Set(corners.flat()).size <= 4;
    const written = isBox ? box.join(",") : corners.length && corners.length <= MOST_IN_LINK ? corners.flat().join(",") : null;
    remember({ region: region.id ?? written });
    this.#show();
  }

  #show() {
    this.asking?.abort();
    this.asking = new AbortController();
    this.statistics = element("div", { class: "statistics" });
    this.requests = element("div", {});
    const series = element("div", { class: "history" });
    this.panel.hidden = false;
    this.panel.replaceChildren(element("h3", {}, `${data.title} · ${this.region.title}`),
      element("div", { class: "answers" }, this.statistics, series), this.requests, button(words.close, () => this.close(), { class: "quiet close" }));
    this.#statistics();
    showSeries(series, this.region, (label) => this.timeline.ask(label), this.asking.signal);
  }

  #statistics() {
    const label = this.timeline.label ?? data.label;
    this.requests.replaceChildren(requests(this.region, label));
    this.wanted = label;
    if (this.timeline.playing) return; // asked for when it stops
    showStatistics(this.statistics, this.region, label, this.asking.signal);
  }

  close() {
    this.asking?.abort();
    this.panel.hidden = true;
    this.region = null;
    this.choice.value = "";
    this.outline.clear();
    remember({ region: null });
  }
}

/** About how many cells of the grid lie in a box of degrees. */
function cellsIn([west, south, east, north]) {
  const [w, s, e, n] = data.bbox;
  const width = (e < w ? e + 360 : e) - w || 1;
  const across = Math.min(1, Math.max(0, east - west) / width);
  const up = Math.max(0, Math.min(n, north) - Math.max(s, south)) / (n - s || 1);
  return Math.ceil(data.download.width * data.download.height * across * up);
}
