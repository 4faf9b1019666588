// The form of a dataset: what is ticked becomes a constraint of DAP 2, in the links and to copy.
const form = document.getElementById("dap");
const shown = document.getElementById("constraint");
const base = new URL(form.dataset.url, location.href).href;

function constraint() {
  return [...form.querySelectorAll("tr[data-name]")]
    .filter((row) => row.querySelector("[name=v]").checked)
    .map((row) => row.dataset.name + [...row.querySelectorAll("[name=slab]")].map((slab) => `[${slab.value.trim()}]`).join(""))
    .join(",");
}

function update() {
  const query = constraint();
  for (const link of form.querySelectorAll("a[data-extension]")) {
    link.href = `${base}.${link.dataset.extension}${query ? `?${encodeURI(query)}` : ""}`;
  }
  shown.textContent = query ? `${base}?${query}` : base;
}

form.addEventListener("input", update);
form.addEventListener("submit", (event) => event.preventDefault());
update();
