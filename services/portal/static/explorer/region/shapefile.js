// The polygons of a shapefile's .shp, in degrees.
import { words } from "../page.js";

const POLYGONS = [5, 15, 25];
const HEADER = 100;

/**
 * @param {ArrayBuffer} buffer
 * @param {string} projection what the .prj says; empty without one
 * @param {number} most the most vertices that are read
 * @returns {number[][][][]} coordinates of a MultiPolygon
 */
export function shapefilePolygons(buffer, projection, most) {
  if (/^\s*(PROJCS|PROJCRS|BOUNDCRS|COMPD)/i.test(projection)) throw new Error(words.file_projected);
  const view = new DataView(buffer);
  if (view.getInt32(0) !== 9994) throw new Error(words.file_unreadable);
  if (!POLYGONS.includes(view.getInt32(32, true))) throw new Error(words.file_no_polygons);
  const polygons = [];
  let place = HEADER, vertices = 0;
  while (place + 12 <= view.byteLength) {
    const next = place + 8 + 2 * view.getInt32(place + 4);
    if (next <= place || next > view.byteLength) throw new Error(words.file_unreadable);
    if (POLYGONS.includes(view.getInt32(place + 8, true))) {
      const rings = ringsOf(view, place + 8, next);
      vertices += rings.reduce((sum, ring) => sum + ring.length, 0);
      if (vertices > most) throw new Error(words.file_too_large);
      polygons.push(...assembled(rings));
    }
    place = next;
  }
  return polygons;
}

function ringsOf(view, record, end) {
  const parts = view.getInt32(record + 36, true), points = view.getInt32(record + 40, true);
  const first = record + 44 + 4 * parts;
  if (parts < 0 || points < 0 || first + 16 * points > end) throw new Error(words.file_unreadable);
  const starts = Array.from({ length: parts }, (_, n) => view.getInt32(record + 44 + 4 * n, true));
  return starts.map((start, n) => {
    const stop = starts[n + 1] ?? points;
    return Array.from({ length: Math.max(0, stop - start) }, (_, k) => {
      const at = first + 16 * (start + k);
      return [view.getFloat64(at, true), view.getFloat64(at + 8, true)];
    });
  });
}

/** Twice the area of a ring, negative where it runs clockwise. */
const turned = (ring) => ring.reduce((sum, [x, y], n) => {
  const [nextX, nextY] = ring[(n + 1) % ring.length];
  return sum + x * nextY - nextX * y;
}, 0);

/** Shells run clockwise in a shapefile, and a hole follows a shell that holds it. */
function assembled(rings) {
  const shells = rings.filter((ring) => turned(ring) < 0).map((ring) => [ring]);
  for (const hole of rings.filter((ring) => turned(ring) > 0)) {
    const shell = shells.find(([outer]) => holds(outer, hole[0]));
    if (shell) shell.push(hole);
    else shells.push([hole]); // written the wrong way round, as some programs do
  }
  return shells;
}

function holds(ring, [x, y]) {
  let inside = false;
  for (let n = 0, before = ring.length - 1; n < ring.length; before = n, n += 1) {
    const [[x1, y1], [x2, y2]] = [ring[n], ring[before]];
    if ((y1 > y) !== (y2 > y) && x < ((x2 - x1) * (y - y1)) / (y2 - y1) + x1) inside = !inside;
  }
  return inside;
}
