// A comfort of the search page: a box can be drawn on the map. The form has a field for it too.
const form = /** @type {HTMLFormElement} */ (document.getElementById("find"));
const place = document.getElementById("place");
const SVG = "http://www.w3.org/2000/svg";

// A press and a drag; both corners in degrees. The form is sent when the box is drawn.
function drawBox(svg, input) {
  const drawn = document.createElementNS(SVG, "rect");
  drawn.setAttribute("class", "drawn");
  const show = (west, south, east, north) => {
    for (const [name, value] of Object.entries({ x: west, y: -north, width: east - west, height: north - south })) {
      drawn.setAttribute(name, value);
    }
    svg.append(drawn);
  };
  const said = input.value.split(",").map(Number);
  if (said.length === 4 && said.every(Number.isFinite) && said[0] <= said[2]) show(...said);
  const point = (event) => {
    const { x, y } = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    return [Math.max(-180, Math.min(180, x)), Math.max(-90, Math.min(90, -y))];
  };
  let start;
  const box = (event) => {
    const [x, y] = point(event);
    return [Math.min(x, start[0]), Math.min(y, start[1]), Math.max(x, start[0]), Math.max(y, start[1])];
  };
  svg.addEventListener("pointerdown", (event) => {
    start = point(event);
    svg.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => { if (start) show(...box(event)); });
  svg.addEventListener("pointerup", (event) => {
    if (!start) return;
    const [west, south, east, north] = box(event);
    start = undefined;
    if (east - west < 0.5 || north - south < 0.5) { drawn.remove(); return; }
    input.value = [west, south, east, north].map((value) => value.toFixed(2)).join(",");
    form.requestSubmit();
  });
  svg.addEventListener("pointercancel", () => { start = undefined; drawn.remove(); });
  const hint = document.createElement("p");
  hint.className = "hint";
  hint.textContent = svg.dataset.hint;
  svg.after(hint);
  svg.classList.add("drawable");
}

drawBox(place, form.elements.namedItem("bbox"));
