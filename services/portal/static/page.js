// Small comforts of every page; nothing needs them.
const { copy, copied } = document.body.dataset;

for (const code of document.querySelectorAll("[data-copyable]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "copy";
  button.textContent = copy;
  button.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(code.textContent);
      button.textContent = copied;
    } catch { // pages without TLS have no clipboard: select the text instead
      getSelection().selectAllChildren(code);
    }
    setTimeout(() => { button.textContent = copy; }, 1500);
  });
  const block = code.closest("pre");
  if (!block) { code.after(button); continue; }
  const frame = document.createElement("div"); // the button stays in its corner while the code scrolls
  frame.className = "code";
  block.replaceWith(frame);
  frame.append(block, button);
}

for (const field of /** @type {NodeListOf<HTMLSelectElement>} */ (document.querySelectorAll("[data-reloads]"))) {
  for (const button of field.form.querySelectorAll("button")) button.hidden = true; // a change is enough
  field.addEventListener("change", () => {
    const names = { variable: ["style", "level", "member"], style: [], level: [], member: [] }[field.name] ?? []; // these belong to a variable
    for (const name of names) {
      const other = /** @type {HTMLSelectElement | null} */ (field.form.elements.namedItem(name));
      if (other) other.disabled = true;
    }
    HTMLFormElement.prototype.submit.call(field.form);
  });
}

const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (target instanceof HTMLDetailsElement) target.open = true;

// The jobs of this browser, so that their list can show them: the server lists those of tokens alone.
const job = /\/jobs\/([0-9a-f-]{36})$/.exec(location.pathname)?.[1];
if (job) {
  const known = (localStorage.getItem("jobs") ?? "").split(",").filter((id) => id && id !== job);
  localStorage.setItem("jobs", [job, ...known].slice(0, 50).join(","));
}
