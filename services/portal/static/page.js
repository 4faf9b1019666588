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
  code.after(button);
}

for (const form of document.querySelectorAll("[data-submit-on-change]")) {
  form.addEventListener("change", (event) => {
    const style = form.elements.namedItem("style");
    if (event.target.name === "variable" && style) style.disabled = true; // styles belong to a variable
    form.submit();
  });
}

const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
if (target instanceof HTMLDetailsElement) target.open = true;
