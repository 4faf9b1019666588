// A click on the map: the value there, its history and its profile, and the requests that answer the same.
import { Marker } from "../../vendor/maplibre-gl/maplibre-gl.mjs";
import { chart } from "./chart.js";
import { absolute, button, copy, data, degrees, element, json, moment, words, written } from "../page.js";
import { remember, state } from "../state.js";

const MOST_LEVELS = 60;

/** URL of values at a point. */
function positionUrl(point, extra) {
  const url = new URL(absolute(`${data.collection}/position`));
  url.searchParams.set("coords", `POINT(${point.lng.toFixed(5)} ${point.lat.toFixed(5)})`);
  url.searchParams.set("properties", data.variable);
  for (const [name, value] of Object.entries(extra)) if (value) url.searchParams.set(name, value);
  return url.href.replaceAll("+", "%20");
}

/** Labels and values of a CoverageJSON document with one parameter. */
function read(document_) {
  const coverage = document_.coverages ? document_.coverages[0] : document_;
  const [range] = Object.values(coverage.ranges);
  return { labels: coverage.domain.axes.t?.values ?? [], values: range.values };
}

export class Place {
  /**
   * @param {import("../../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
   * @param {import("../time/timeline.js").Timeline} timeline
   */
  constructor(map, timeline) {
    this.map = map;
    this.timeline = timeline;
    this.panel = element("section", { class: "place", "aria-live": "polite" });
    this.panel.hidden = true;
    document.querySelector(".viewer .below").after(this.panel);
    map.on("click", ({ lngLat }) => { if (!this.silent) this.show(lngLat.wrap()); });
    const [lng, lat] = (state().place ?? "").split(",").map(Number);
    if (state().place && Number.isFinite(lng) && Math.abs(lat) <= 90) this.show({ lng, lat });
  }

  /** While another tool takes the clicks. */
  silent = false;

  /** @type {Marker | undefined} */
  marker;

  async show(point) {
    this.asking?.abort();
    this.asking = new AbortController();
    const { signal } = this.asking;
    this.point = point;
    remember({ place: `${point.lng.toFixed(4)},${point.lat.toFixed(4)}` });
    this.marker ??= new Marker({ color: "#c2410c" });
    this.marker.setLngLat(point).addTo(this.map);
    const where = `${degrees(point.lng, "E", "W")} ${degrees(point.lat, "N", "S")}`;
    this.value = element("p", { class: "value" }, words.asking);
    this.history = element("div", { class: "history" });
    this.profile = element("div", { class: "profile" });
    this.panel.hidden = false;
    this.panel.replaceChildren(
      element("h3", {}, `${data.title} · ${where}`), this.value, this.history, this.profile, this.#requests(point),
      button(words.close, () => this.close(), { class: "quiet close" }),
    );
    await this.update(signal);
    if (data.first !== data.last) await this.#chart(this.history, () => this.#series(point, where, signal), signal);
    if (data.levels.length > 1) await this.#chart(this.profile, () => this.#levels(point, where, signal), signal);
  }

  /** The value at the time that is shown. */
  async update(signal) {
    if (!this.point) return;
    const label = this.timeline.label ?? data.label;
    const ask = positionUrl(this.point, { datetime: label, level: data.level, member: data.member });
    try {
      const { values } = read(await json(ask, signal));
      const value = values[0];
      this.value.textContent = value === null || value === undefined ? words.no_data
        : `${written(value)} ${data.unit}`;
      if (label) this.value.append(element("span", { class: "hint" }, ` ${moment(label)}`));
    } catch (error) {
      if (!signal?.aborted) this.value.textContent = error.message;
    }
  }

  async #chart(place, make, signal) {
    place.replaceChildren(element("p", { class: "hint" }, words.asking));
    try {
      const line = await make();
      if (!signal.aborted) chart(place, line);
    } catch (error) {
      if (!signal.aborted) place.replaceChildren(element("p", { class: "hint" }, error.message));
    }
  }

  async #series(point, where, signal) {
    const { labels, values } = read(await json(positionUrl(point, { datetime: "../..", level: data.level, member: data.member }), signal));
    const title = `${data.title}, ${where}${data.level ? `, ${data.level} ${data.levelUnit}` : ""}${data.member ? `, ${words.member} ${data.member}` : ""}`;
    return {
      labels, values, title, unit: data.unit, axis: "time", name: `${data.dataset}-${data.variable}-series`,
      pick: (label) => this.timeline.ask(label),
    };
  }

  async #levels(point, where, signal) {
    const labels = data.levels.slice(0, MOST_LEVELS);
    const label = this.timeline.label ?? data.label;
    const values = [];
    for (const level of labels) {
      const answer = await json(positionUrl(point, { datetime: label, level, member: data.member }), signal);
      values.push(read(answer).values[0] ?? null);
    }
    const title = `${data.title}, ${where}${label ? `, ${moment(label)}` : ""} · ${words.profile}`;
    return { labels, values, title, unit: data.unit, axis: "level", name: `${data.dataset}-${data.variable}-profile` };
  }

  /** The same as a request: to open, and to copy as a URL, for curl, and for Python. */
  #requests(point) {
    const series = positionUrl(point, { datetime: data.label ? "../.." : "", level: data.level, member: data.member, f: "csv" });
    const python = `import pandas\n\nseries = pandas.read_csv("${series}")\nprint(series)`;
    const copied = (text, value) => { const made = button(text, () => copy(made, value)); return made; };
    return element("p", { class: "row" }, element("a", { href: series }, words.request),
      copied(words.copy_url, series), copied("curl", `curl -o series.csv "${series}"`), copied("Python", python));
  }

  close() {
    this.asking?.abort();
    this.marker?.remove();
    this.panel.hidden = true;
    this.point = null;
    remember({ place: null });
  }
}
