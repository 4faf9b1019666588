// Comforts of the search page: words are suggested, and a box can be drawn on the map. Nothing needs them.
const form = /** @type {HTMLFormElement} */ (document.getElementById("find"));
const place = document.getElementById("place");
const SVG = "http://www.w3.org/2000/svg";

function suggestWords(input) {
  const list = document.createElement("datalist");
  list.id = "suggested";
  input.setAttribute("list", list.id);
  input.after(list);
  let asked = "";
  let waiting;
  const ask = async () => {
    const q = input.value.trim();
    if (!q || q === asked) return;
    asked = q;
    const url = new URL(input.dataset.suggest, location.href);
    url.searchParams.set("q", q);
    try {
      const answer = await fetch(url, { headers: { Accept: "application/json" } });
      if (!answer.ok || asked !== q) return;
      const { suggestions } = await answer.json();
      list.replaceChildren(...suggestions.map(({ text }) => Object.assign(document.createElement("option"), { value: text })));
    } catch { /* a suggestion that does not come is not missed */ }
  };
  input.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(ask, 150); });
}

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

const words = /** @type {HTMLInputElement} */ (form.elements.namedItem("words"));
if (words.dataset.suggest) suggestWords(words);
drawBox(place, form.elements.namedItem("bbox"));
