// The form of a dataset: what is ticked becomes a constraint of DAP 2, in the links and to copy.
const form = /** @type {HTMLFormElement} */ (document.getElementById("dap"));
/** @returns {NodeListOf<HTMLInputElement>} */
const fields = (row, name) => row.querySelectorAll(`[name=${name}]`);
const shown = document.getElementById("constraint");
const base = new URL(form.dataset.url, location.href).href;

function constraint() {
  return [.../** @type {NodeListOf<HTMLElement>} */ (form.querySelectorAll("tr[data-name]"))]
    .filter((row) => fields(row, "v")[0].checked)
    .map((row) => row.dataset.name + [...fields(row, "slab")].map((slab) => `[${slab.value.trim()}]`).join(""))
    .join(",");
}

function update() {
  const query = constraint();
  for (const link of /** @type {NodeListOf<HTMLAnchorElement>} */ (form.querySelectorAll("a[data-extension]"))) {
    link.href = `${base}.${link.dataset.extension}${query ? `?${encodeURI(query)}` : ""}`;
  }
  shown.textContent = query ? `${base}?${query}` : base;
}

form.addEventListener("input", update);
form.addEventListener("submit", (event) => event.preventDefault());
update();
