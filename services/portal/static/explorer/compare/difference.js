// The difference of two layers with the same cells, tile by tile: both as numbers, one less the other, drawn in colours
// that diverge from zero. MapLibre asks for such tiles by a protocol of ours.
import { addProtocol } from "../../vendor/maplibre-gl/maplibre-gl.mjs";

const PROTOCOL = "difference";
const LOW = [33, 60, 122], MIDDLE = [242, 242, 242], HIGH = [142, 22, 38];
const TYPES = {
  "<f4": Float32Array, "<f8": Float64Array, "<i2": Int16Array, "<u2": Uint16Array, "|u1": Uint8Array, "|i1": Int8Array,
  "<i4": Int32Array, "<u4": Uint32Array,
};

/** Colours of a share from -1 to 1: blue below, red above, grey at nothing. */
export function diverging(share) {
  const [end, part] = share < 0 ? [LOW, Math.min(1, -share)] : [HIGH, Math.min(1, share)];
  const bent = part ** 0.8;
  return MIDDLE.map((from, n) => Math.round(from + bent * (end[n] - from)));
}

/** Numbers of a file of numpy: its shape, and its values in order. */
export function npy(buffer) {
  const head = new DataView(buffer);
  const length = head.getUint16(8, true);
  const text = new TextDecoder("latin1").decode(new Uint8Array(buffer, 10, length));
  const type = /'descr':\s*'([^']+)'/.exec(text)?.[1] ?? "";
  const shape = (/'shape':\s*\(([^)]*)\)/.exec(text)?.[1] ?? "").split(",").filter((part) => part.trim()).map(Number);
  const kind = TYPES[type];
  if (!kind) throw new Error(`npy: ${type}`);
  return { shape, values: new kind(buffer.slice(10 + length)) };
}

async function numbers(url, signal) {
  const answer = await fetch(url, { signal });
  if (answer.status === 404 || answer.status === 204) return null;
  if (!answer.ok) throw new Error(`${answer.status} ${url}`);
  return npy(await answer.arrayBuffer());
}

/**
 * Differences of two tiles, row by row; NaN where either has no data.
 * @returns {{values: Float64Array, size: number} | null}
 */
export function differences(first, second) {
  if (!first || !second) return null;
  const size = first.shape[1], count = size * size;
  if (second.shape[1] !== size) return null;
  const valid = (tile, n) => tile.values[count * (tile.shape[0] - 1) + n] > 0; // the last band is greatest where there are data
  const values = new Float64Array(count);
  for (let n = 0; n < count; n += 1) values[n] = valid(first, n) && valid(second, n) ? first.values[n] - second.values[n] : NaN;
  return { values, size };
}

async function picture(url, signal) {
  const parameters = new URL(url.replace(`${PROTOCOL}://`, "http://")).searchParams;
  const reach = Number(parameters.get("reach"));
  const [first, second] = await Promise.all(["a", "b"].map((name) => numbers(parameters.get(name) ?? "", signal)));
  const difference = differences(first, second);
  const size = difference?.size ?? 1;
  const canvas = new OffscreenCanvas(size, size);
  const context = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext("2d"));
  if (difference) {
    const image = context.createImageData(size, size);
    for (let n = 0; n < size * size; n += 1) {
      if (!Number.isNaN(difference.values[n])) image.data.set([...diverging(difference.values[n] / reach), 255], 4 * n);
    }
    context.putImageData(image, 0, 0);
  }
  return (await canvas.convertToBlob({ type: "image/png" })).arrayBuffer();
}

let known = false;

/**
 * The template of the tiles of `first - second`.
 * @param {string} first template of tiles, with {z}, {x}, {y}
 * @param {string} second the same
 * @param {number} reach the difference that is drawn in the last colours
 */
export function differenceTiles(first, second, reach) {
  if (!known) {
    addProtocol(PROTOCOL, async ({ url }, { signal }) => ({ data: await picture(url, signal) }));
    known = true;
  }
  const asNumbers = (tiles) => encodeURIComponent(tiles.replace(/\.png(\?.*)?$/, ".npy")).replaceAll("%7B", "{").replaceAll("%7D", "}");
  return `${PROTOCOL}://tiles?a=${asNumbers(first)}&b=${asNumbers(second)}&reach=${reach}`;
}

/** The 98th percentile of the size of the differences in a tile of both; 0 if there are none. */
export async function reachOf(first, second, tile) {
  const at = (tiles) => tiles.replace(/\.png(\?.*)?$/, ".npy").replace("{z}", tile.z).replace("{x}", tile.x).replace("{y}", tile.y);
  const found = await Promise.all([first, second].map((tiles) => numbers(at(tiles))));
  const difference = differences(found[0], found[1]);
  const sizes = [...(difference?.values ?? [])].filter((value) => !Number.isNaN(value)).map(Math.abs).sort((a, b) => a - b);
  return sizes.length ? sizes[Math.floor(0.98 * (sizes.length - 1))] : 0;
}
