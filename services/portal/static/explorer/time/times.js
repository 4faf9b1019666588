// The times of the variable on an axis: by the clock where a browser knows the calendar, else by their number.
import { absolute, data, json } from "../page.js";

const PAGE = 10_000, MOST_PAGES = 6;
const MOST_MARKS = 40;

/** Milliseconds of a label in a calendar that browsers know; the start of a day, month or year. */
export function instant(label) {
  const [date, clock = "00:00"] = label.split("T");
  const [year, month = "01", day = "01"] = date.split("-");
  return Date.parse(`${year}-${month}-${day}T${clock.replace(/Z$/, "")}Z`);
}

/**
 * @typedef {object} TimeAxis
 * @property {number} low
 * @property {number} high
 * @property {(label: string) => number} place of a label
 * @property {(value: number) => string} label to ask for at a place
 * @property {import("./strip.js").Coverage | null} coverage null until all times are known
 */

/** The axis by the clock, which is there before the times are; null in other calendars.
 * @returns {TimeAxis | null}
 */
export function clockAxis() {
  const { first, last, gregorian } = data;
  if (!gregorian || !first || !last || first === last) return null;
  return {
    low: instant(first), high: instant(last), place: instant, coverage: null,
    label: (value) => new Date(value).toISOString().replace(/\.\d+Z$/, "Z"),
  };
}

/**
 * The axis once all times are known; null where they are too many, or just one.
 * @returns {Promise<TimeAxis | null>}
 */
export async function knownAxis() {
  if (data.count < 2 || data.count > PAGE * MOST_PAGES) return null;
  const labels = [], gaps = [];
  let missing = 0;
  for (let offset = 0; offset < data.count; offset += PAGE) {
    const url = new URL(absolute(data.times));
    url.searchParams.set("limit", String(PAGE));
    if (offset) url.searchParams.set("offset", String(offset));
    const page = await json(url.href);
    labels.push(...page.times);
    gaps.push(...page.gaps);
    missing = page.missing ?? 0;
    if (!page.times.length) break;
  }
  const clock = clockAxis();
  const numbers = new globalThis.Map(labels.map((label, n) => [label, n]));
  const axis = clock ?? {
    low: 0, high: labels.length - 1, coverage: null,
    place: (label) => numbers.get(label) ?? 0,
    label: (value) => labels[Math.round(value)],
  };
  const share = (label) => (axis.place(label) - axis.low) / (axis.high - axis.low || 1);
  axis.coverage = {
    count: labels.length, missing,
    gaps: gaps.map(({ after, before }) => /** @type {[number, number]} */ ([share(after), share(before)])),
    marks: marksOf(labels, share),
  };
  return axis;
}

/** Names along the axis: years where there are several, else dates. */
function marksOf(labels, share) {
  const years = labels.filter((label, n) => n === 0 || label.slice(0, 4) !== labels[n - 1].slice(0, 4));
  const chosen = years.length > 2 ? years.map((label) => [share(label), label.slice(0, 4)])
    : labels.map((label) => [share(label), label.slice(0, 10)]);
  const step = Math.max(1, Math.ceil(chosen.length / MOST_MARKS));
  return chosen.filter((_, n) => n % step === 0);
}
