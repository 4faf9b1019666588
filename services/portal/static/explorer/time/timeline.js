// One time after another without a new page: a slider over the whole period, steps, and play.
import { absolute, button, data, element, json, moment, words } from "../page.js";
import { rememberTime } from "../state.js";
import { strip } from "./strip.js";
import { clockAxis, instant, knownAxis } from "./times.js";

const SLOWEST_MS = 2000;
const FASTEST_MS = 125;
const DAY_MS = 86_400_000;
const UNITS = { step: null, day: DAY_MS, month: "month", year: "year" };

/** The label a step later: by the clock where a browser knows the calendar, else by its digits. */
function shifted(label, unit) {
  if (!data.gregorian) {
    const [, year, month = "01", rest = "-01"] = /^(-?\d+)(?:-(\d\d))?(.*)$/.exec(label) ?? [];
    const months = Number(year) * 12 + Number(month) - 1 + (unit === "year" ? 12 : 1);
    return `${String(Math.floor(months / 12)).padStart(4, "0")}-${String((months % 12) + 1).padStart(2, "0")}${rest || "-01"}`;
  }
  const date = new Date(instant(label));
  if (unit === "month") date.setUTCMonth(date.getUTCMonth() + 1);
  else if (unit === "year") date.setUTCFullYear(date.getUTCFullYear() + 1);
  else date.setTime(date.getTime() + DAY_MS);
  return date.toISOString().slice(0, 19) + "Z";
}

/** The words, links and URLs of the page that name the time which is shown. */
function retime(before, after, label) {
  const changed = (text) => text
    .replace(`/${before}/`, `/${after}/`)
    .replace(/datetime=[^&"]*/, `datetime=${encodeURIComponent(label).replaceAll("%3A", ":")}`);
  for (const place of document.querySelectorAll("[data-timed]")) {
    if (place instanceof HTMLAnchorElement) place.href = changed(place.getAttribute("href") ?? "");
    else place.textContent = changed(place.textContent ?? "");
  }
}

export class Timeline {
  /** @param {import("../view/frames.js").Frames} frames */
  constructor(frames) {
    this.frames = frames;
    /** @type {((label: string) => void)[]} */
    this.listeners = [];
    this.input = /** @type {HTMLInputElement | HTMLSelectElement | null} */ (document.getElementById("time"));
    this.playing = false;
    this.pause = 500;
    this.unit = "step";
    if (!this.input || !data.label) return;
    const link = (id) => /** @type {HTMLAnchorElement | null} */ (document.getElementById(id));
    this.steps = { earlier: link("earlier"), later: link("later") };
    this.text = document.getElementById("moment");
    this.path = data.time;
    this.label = data.label;
    this.#connect();
    this.#controls();
  }

  #connect() {
    for (const link of Object.values(this.steps)) {
      link.dataset.label = link.href ? new URL(link.href).searchParams.get("datetime") : "";
      link.setAttribute("role", "button");
      link.addEventListener("click", (event) => {
        event.preventDefault();
        this.stop();
        if (link.dataset.label) this.ask(link.dataset.label);
      });
    }
    const chosen = () => { this.stop(); if (this.input.value) this.ask(this.input.value); };
    this.input.addEventListener("change", chosen);
    this.input.form.addEventListener("submit", (event) => { event.preventDefault(); chosen(); });
    for (const submit of /** @type {NodeListOf<HTMLButtonElement>} */ (this.input.form.querySelectorAll("button[type=submit]"))) submit.hidden = true; // a change is enough
  }

  #controls() {
    const bar = element("div", { class: "timeline", role: "group", "aria-label": words.timeline });
    this.playButton = button(words.play, () => (this.playing ? this.stop() : this.play()), { "aria-pressed": "false" });
    const speed = element("input", { type: "range", min: "1", max: "8", value: "2", "aria-label": words.speed, class: "speed" });
    speed.addEventListener("input", () => { this.pause = Math.max(FASTEST_MS, Math.min(SLOWEST_MS, 1000 / Number(speed.value))); });
    bar.append(this.playButton, element("label", {}, words.speed, speed));
    const unit = element("select", {});
    for (const name of Object.keys(UNITS)) {
      if (data.gregorian || name !== "day") unit.append(element("option", { value: name }, words[`step_${name}`]));
    }
    unit.addEventListener("change", () => { this.unit = unit.value; });
    this.track = element("div", { class: "period" });
    bar.append(element("label", {}, words.step, unit), this.track);
    this.#gather(bar);
    document.getElementById("choices").after(bar);
    this.#slide(clockAxis());
  }

  /** Brings the steps and the field of the time, which still belongs to its form, beside the slider. */
  #gather(bar) {
    const times = /** @type {HTMLElement} */ (this.input.closest(".times"));
    this.input.setAttribute("form", "choices");
    bar.prepend(times, this.text);
  }

  /** What stands below the strip: a listed time as its list names it. */
  #named(label) {
    const option = this.input instanceof HTMLSelectElement ? [...this.input.options].find(({ value }) => value === label) : null;
    return option?.text ?? label;
  }

  /** Completes the slider with all times, once the first of them is drawn. */
  async complete() {
    if (this.track) this.#slide(await knownAxis().catch(() => null));
  }

  /**
   * A slider over an axis; it says its time, and asks when it is let go.
   * @param {import("./times.js").TimeAxis | null} axis
   */
  #slide(axis) {
    if (!axis) return;
    this.axis = axis;
    if (!this.slider) {
      const { low, high } = axis;
      this.slider = element("input", {
        type: "range", min: String(low), max: String(high), step: data.gregorian ? "any" : "1",
        "aria-label": `${words.time}: ${moment(data.first ?? "")} – ${moment(data.last ?? "")}`,
      });
      this.slider.addEventListener("input", () => {
        this.stop();
        this.text.textContent = moment(data.gregorian ? this.axis.label(Number(this.slider.value)).slice(0, 10) : this.axis.label(Number(this.slider.value)));
      });
      this.slider.addEventListener("change", () => this.ask(this.axis.label(Number(this.slider.value))));
      this.slider.addEventListener("keydown", (event) => this.#key(event));
      this.track.append(this.slider);
    }
    this.#mark();
    if (!axis.coverage) return;
    const { marks } = axis.coverage;
    this.track.prepend(strip({ ...axis.coverage, marks: marks.map(([share, label]) => [share, this.#named(label)]) }));
  }

  /** Arrows go from time to time, Page Up and Page Down by the year. */
  #key(event) {
    const { earlier, later } = this.steps;
    const label = { ArrowLeft: earlier.dataset.label, ArrowDown: earlier.dataset.label, ArrowRight: later.dataset.label,
      ArrowUp: later.dataset.label, Home: data.first, End: data.last, PageUp: shifted(this.label, "year") }[event.key];
    if (label === undefined) return;
    event.preventDefault();
    this.stop();
    if (label) this.ask(label);
  }

  #mark() {
    if (!this.slider) return;
    this.slider.value = String(this.axis.place(this.label));
    this.slider.setAttribute("aria-valuetext", moment(this.label));
  }

  /** Shows the time that is nearest to a label; false if there is none or another was asked for meanwhile. */
  async ask(label) {
    const url = new URL(absolute(data.times));
    url.searchParams.set("datetime", label);
    const found = await json(url.href).catch(() => null);
    this.input.setCustomValidity(found ? "" : this.input.dataset.unknown ?? "?");
    if (!found) { this.input.reportValidity(); return false; }
    const shown = this.frames.show(found.path);
    this.#tell(found);
    return shown;
  }

  #tell(found) {
    retime(this.path, found.path, found.time);
    this.path = found.path;
    this.label = found.time;
    const listed = this.input instanceof HTMLSelectElement && this.input;
    const kinds = { date: found.time.slice(0, 10), "datetime-local": found.time.slice(0, 16) };
    this.input.value = listed ? found.time : kinds[this.input.type] ?? found.time;
    this.text.textContent = listed ? listed.selectedOptions[0].text : moment(found.time);
    this.#mark();
    this.#follow(this.steps.earlier, found.earlier);
    this.#follow(this.steps.later, found.later);
    rememberTime(found.time);
    for (const listener of this.listeners) listener(found.time);
  }

  /**
   * Calls with each time that is shown from now on.
   * @param {(label: string) => void} listener
   */
  onTime(listener) {
    this.listeners.push(listener);
  }

  #follow(link, label) {
    link.toggleAttribute("aria-disabled", !label);
    link.dataset.label = label ?? "";
    if (!label) { link.removeAttribute("href"); return; }
    const url = new URL(location.href);
    url.searchParams.set("datetime", label);
    link.href = url.href;
  }

  /** The label to show after this one; the first again after the last. */
  #next() {
    const later = this.steps.later.dataset.label;
    if (!later) return data.first;
    if (this.unit === "step") return later;
    const wanted = shifted(this.label, this.unit);
    if (!data.gregorian) return wanted > data.last ? data.first : wanted < later ? later : wanted;
    if (instant(wanted) > instant(data.last)) return data.first;
    return instant(later) > instant(wanted) ? later : wanted;
  }

  async play() {
    this.playing = true;
    this.playButton.textContent = words.pause;
    this.playButton.setAttribute("aria-pressed", "true");
    while (this.playing) {
      const began = performance.now();
      const label = this.#next();
      if (!label || document.hidden || (await this.ask(label)) === false) break;
      await new Promise((done) => { setTimeout(done, Math.max(0, this.pause - (performance.now() - began))); });
    }
    this.stop();
  }

  stop() {
    if (!this.playing) return;
    this.playing = false;
    this.playButton.textContent = words.play;
    this.playButton.setAttribute("aria-pressed", "false");
  }
}
