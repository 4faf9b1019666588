// The state of the view in the URL: what the server draws too stands in the query (variable, style, level, datetime),
// what only the map knows in the hash (#map=zoom/latitude/longitude&opacity=...), so that a link shows the same view.

const names = ["map", "opacity", "colormap", "range", "scale", "place", "compare", "mode", "view", "names", "region", "layers"];

/** @returns {Record<string, string>} */
export function state() {
  const held = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries(names.flatMap((name) => (held.has(name) ? [[name, held.get(name) ?? ""]] : [])));
}

/**
 * Changes parts of the state; an empty value takes a part out.
 * @param {Record<string, string | null | undefined>} changes
 */
export function remember(changes) {
  const kept = { ...state(), ...changes };
  const hash = names.filter((name) => kept[name]).map((name) => `${name}=${encodeURIComponent(kept[name] ?? "").replaceAll("%2F", "/").replaceAll("%2C", ",")}`).join("&");
  history.replaceState(null, "", `${location.pathname}${location.search}${hash ? `#${hash}` : ""}`);
}

/**
 * Puts the time that is shown into the query.
 * @param {string} label
 */
export function rememberTime(label) {
  const url = new URL(location.href);
  url.searchParams.set("datetime", label);
  history.replaceState(null, "", url);
}

/** @returns {{zoom: number, center: [number, number]} | null} the view of the hash, if there is one that can be shown */
export function heldView() {
  const [zoom, latitude, longitude] = (state().map ?? "").split("/").map(Number);
  const usable = [zoom, latitude, longitude].every(Number.isFinite) && Math.abs(latitude) <= 90;
  return usable ? { zoom, center: [longitude, latitude] } : null;
}

/**
 * Keeps the hash in step with the map.
 * @param {import("../vendor/maplibre-gl/maplibre-gl.mjs").Map} map
 */
export function followView(map) {
  map.on("moveend", () => {
    const { lng, lat } = map.getCenter();
    const digits = Math.max(0, Math.ceil((map.getZoom() * Math.LN2 + Math.log(512 / 360 / 0.5)) / Math.LN10));
    remember({ map: `${map.getZoom().toFixed(2)}/${lat.toFixed(digits)}/${lng.toFixed(digits)}` });
  });
}
