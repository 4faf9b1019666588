// Where a period has times: a strip above the slider, with gaps left out and years or times named below it.
import { element, words } from "../page.js";

const HEIGHT = 30, BAR = 8, LEAST_GAP_PX = 1.5, LABEL_PX = 56;
const css = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();

/**
 * @typedef {object} Coverage
 * @property {number} count how many times there are
 * @property {[number, number][]} gaps shares of the period, 0 to 1, in which times are missing
 * @property {number} missing how many are missing
 * @property {[number, string][]} marks what stands where
 */

/**
 * A canvas that shows a coverage, and says it.
 * @param {Coverage} coverage
 */
export function strip(coverage) {
  const canvas = element("canvas", { class: "strip", height: HEIGHT, role: "img" });
  const said = words.times_in_all.replace("{count}", coverage.count.toLocaleString());
  canvas.setAttribute("aria-label", coverage.missing ? `${said} ${words.times_missing.replace("{count}", coverage.missing.toLocaleString())}` : said);
  canvas.title = canvas.getAttribute("aria-label") ?? "";
  new ResizeObserver(() => draw(canvas, coverage)).observe(canvas);
  return canvas;
}

function draw(canvas, { gaps, marks }) {
  const ratio = devicePixelRatio || 1, width = canvas.clientWidth;
  [canvas.width, canvas.height] = [width * ratio, HEIGHT * ratio];
  const context = canvas.getContext("2d");
  if (!context || !width) return;
  context.scale(ratio, ratio);
  context.fillStyle = css("--accent");
  context.globalAlpha = 0.55;
  context.fillRect(0, 0, width, BAR);
  context.globalAlpha = 1;
  for (const [from, to] of gaps) context.clearRect(from * width, 0, Math.max(LEAST_GAP_PX, (to - from) * width), BAR);
  context.fillStyle = css("--soft");
  context.font = "11px system-ui, sans-serif";
  let free = -Infinity;
  for (const [share, text] of marks) {
    const x = share * width, size = context.measureText(text).width;
    const left = Math.min(Math.max(0, x - size / 2), width - size);
    if (left < free) continue;
    context.fillRect(Math.min(x, width - 1), BAR, 1, 4);
    context.fillText(text, left, BAR + 16);
    free = left + Math.max(LABEL_PX, size + 12);
  }
}
