// The files of a ZIP archive, by name; what is too large, encrypted or packed in another way than deflate is refused.
import { words } from "../page.js";

const END = 0x06054b50, ENTRY = 0x02014b50, LOCAL = 0x04034b50;
const END_BYTES = 22, LONGEST_COMMENT = 65_535;
const MOST_FILES = 200;
const MOST_BYTES = 30_000_000;
const STORED = 0, DEFLATED = 8, ENCRYPTED = 1;

/**
 * Reads those files of an archive whose names end with one of some endings.
 * @param {ArrayBuffer} buffer
 * @param {RegExp} wanted
 * @returns {Promise<Map<string, ArrayBuffer>>}
 */
export async function unzip(buffer, wanted) {
  const view = new DataView(buffer);
  const end = endOf(view);
  const count = view.getUint16(end + 10, true);
  if (count > MOST_FILES) throw new Error(words.file_too_large);
  const files = new Map();
  let place = view.getUint32(end + 16, true), room = MOST_BYTES;
  for (let n = 0; n < count; n += 1) {
    if (view.getUint32(place, true) !== ENTRY) throw new Error(words.file_unreadable);
    const [nameLength, extra, comment] = [28, 30, 32].map((at) => view.getUint16(place + at, true));
    const name = new TextDecoder().decode(new Uint8Array(buffer, place + 46, nameLength));
    if (wanted.test(name) && !name.startsWith("__MACOSX")) {
      const content = await inflated(view, place, room);
      room -= content.byteLength;
      files.set(name.toLowerCase(), content);
    }
    place += 46 + nameLength + extra + comment;
  }
  return files;
}

function endOf(view) {
  const last = view.byteLength - END_BYTES;
  for (let at = last; at >= Math.max(0, last - LONGEST_COMMENT); at -= 1) {
    if (view.getUint32(at, true) === END) return at;
  }
  throw new Error(words.file_unreadable);
}

async function inflated(view, entry, room) {
  const method = view.getUint16(entry + 10, true);
  const packed = view.getUint32(entry + 20, true), local = view.getUint32(entry + 42, true);
  if (view.getUint16(entry + 8, true) & ENCRYPTED || ![STORED, DEFLATED].includes(method)) throw new Error(words.file_unreadable);
  if (view.getUint32(local, true) !== LOCAL) throw new Error(words.file_unreadable);
  const start = local + 30 + view.getUint16(local + 26, true) + view.getUint16(local + 28, true);
  const bytes = new Uint8Array(view.buffer, start, packed);
  if (method === STORED) return bounded(new Blob([bytes]).stream(), room);
  return bounded(new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate-raw")), room);
}

/** What a stream holds, read no further than there is room: what a header says of its size is not believed. */
async function bounded(stream, room) {
  const parts = [];
  let size = 0;
  for await (const part of stream) {
    size += part.byteLength;
    if (size > room) throw new Error(words.file_too_large);
    parts.push(part);
  }
  return new Blob(parts).arrayBuffer();
}
