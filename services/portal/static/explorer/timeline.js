// One time after another without a new page: a slider over the whole period, steps, and play.
import { absolute, button, data, element, json, moment, words } from "./page.js";
import { rememberTime } from "./state.js";

const SLOWEST_MS = 2000;
const FASTEST_MS = 125;
const DAY_MS = 86_400_000;

/** Milliseconds of a label in a calendar that browsers know; the start of a day, month or year. */
export function instant(label) {
  const [date, clock = "00:00"] = label.split("T");
  const [year, month = "01", day = "01"] = date.split("-");
  return Date.parse(`${year}-${month}-${day}T${clock.replace(/Z$/, "")}Z`);
}

const shifted = {
  day: (time) => time + DAY_MS,
  month: (time) => { const date = new Date(time); date.setUTCMonth(date.getUTCMonth() + 1); return date.getTime(); },
  year: (time) => { const date = new Date(time); date.setUTCFullYear(date.getUTCFullYear() + 1); return date.getTime(); },
};

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
  /** @param {import("./frames.js").Frames} frames */
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
    if (data.gregorian) {
      const unit = element("select", { "aria-label": words.step });
      for (const name of ["step", "day", "month", "year"]) unit.append(element("option", { value: name }, words[`step_${name}`]));
      unit.addEventListener("change", () => { this.unit = unit.value; });
      bar.append(element("label", {}, words.step, unit));
      this.slider = this.#slider();
      if (this.slider) bar.append(this.slider);
    }
    document.getElementById("choices").after(bar);
  }

  /** Where the period is known, a slider over it; it says its time, and asks when it is let go. */
  #slider() {
    const { first, last } = data;
    if (!first || !last || first === last) return null;
    const slider = element("input", {
      type: "range", class: "period", min: String(instant(first)), max: String(instant(last)), step: "any",
      "aria-label": `${words.time}: ${moment(first)} – ${moment(last)}`,
    });
    slider.value = String(instant(this.label));
    slider.setAttribute("aria-valuetext", moment(this.label));
    slider.addEventListener("input", () => {
      this.stop();
      this.text.textContent = moment(new Date(Number(slider.value)).toISOString().slice(0, 10));
    });
    slider.addEventListener("change", () => this.ask(new Date(Number(slider.value)).toISOString().replace(/\.\d+Z$/, "Z")));
    return slider;
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
    if (this.slider) {
      this.slider.value = String(instant(found.time));
      this.slider.setAttribute("aria-valuetext", moment(found.time));
    }
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
    const wanted = shifted[this.unit](instant(this.label));
    if (wanted > instant(data.last)) return data.first;
    const label = new Date(wanted).toISOString().slice(0, 19) + "Z";
    return instant(later) > wanted ? later : label;
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
