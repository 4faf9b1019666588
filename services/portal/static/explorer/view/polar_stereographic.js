// Polar stereographic projections on the ellipsoid (Snyder 1987, section 21), for EPSG:3413 and EPSG:3031. One script for
// the page and for the workers of the map, which load it alone: it imports nothing.
(() => {
  const A = 6378137, F = 1 / 298.257223563, E2 = F * (2 - F), E = Math.sqrt(E2);
  const RADIANS = Math.PI / 180;
  const FARTHEST = -85; // degrees of latitude in the sense of the pole: the other pole lies in infinity
  const SETS = { "EPSG:3413": { pole: 1, standard: 70, meridian: -45 }, "EPSG:3031": { pole: -1, standard: 71, meridian: 0 } };

  /** Snyder's t (15-9) of a latitude in radians. */
  const shrunk = (latitude) =>
    Math.tan(Math.PI / 4 - latitude / 2) / ((1 - E * Math.sin(latitude)) / (1 + E * Math.sin(latitude))) ** (E / 2);

  /** Latitude of Snyder's t, by the series 3-5. */
  const latitudeOf = (t) => {
    const chi = Math.PI / 2 - 2 * Math.atan(t);
    return chi + (E2 / 2 + 5 * E2 ** 2 / 24 + E2 ** 3 / 12 + 13 * E2 ** 4 / 360) * Math.sin(2 * chi)
      + (7 * E2 ** 2 / 48 + 29 * E2 ** 3 / 240 + 811 * E2 ** 4 / 11520) * Math.sin(4 * chi)
      + (7 * E2 ** 3 / 120 + 81 * E2 ** 4 / 1120) * Math.sin(6 * chi) + 4279 * E2 ** 4 / 161280 * Math.sin(8 * chi);
  };

  /** Longitude and latitude in degrees to metres, and back. */
  const polarStereographic = (name) => {
    const { pole, standard, meridian } = SETS[name];
    const sine = Math.sin(standard * RADIANS);
    const scale = A * Math.cos(standard * RADIANS) / Math.sqrt(1 - E2 * sine ** 2) / shrunk(standard * RADIANS);
    return {
      forward: ([longitude, latitude]) => {
        const radius = scale * shrunk(Math.max(FARTHEST, pole * latitude) * RADIANS);
        const turn = (longitude - meridian) * RADIANS;
        return [radius * Math.sin(turn), -pole * radius * Math.cos(turn)];
      },
      inverse: ([x, y]) => {
        const latitude = latitudeOf(Math.hypot(x, y) / scale) / RADIANS;
        const longitude = meridian + Math.atan2(x, -pole * y) / RADIANS;
        return [((longitude + 540) % 360) - 180, pole * latitude];
      },
    };
  };

  Reflect.set(globalThis, "polarStereographic", polarStereographic);
  const register = Reflect.get(globalThis, "setProjectionHandler");
  if (register) register(polarStereographic);
})();
