// The page of the API: its description in Swagger UI, which sends requests, when that is asked for.
const place = /** @type {HTMLElement} */ (document.getElementById("try"));
const open = /** @type {HTMLButtonElement} */ (document.getElementById("try-open"));

/** @param {string} src */
const script = (src) => new Promise((resolve, reject) => {
  const element = Object.assign(document.createElement("script"), { src, onload: resolve, onerror: reject });
  document.head.append(element);
});

open.hidden = false;
open.addEventListener("click", async () => {
  open.disabled = true;
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: place.dataset.style }));
  document.head.append(Object.assign(document.createElement("link"), { rel: "stylesheet", href: place.dataset.own }));
  await script(place.dataset.script ?? "");
  const answer = await fetch(place.dataset.description ?? "", { headers: { Accept: "application/json" } });
  const spec = await answer.json();
  spec.servers = [{ url: new URL(place.dataset.server ?? "/", location.href).href.replace(/\/$/, "") }]; // whatever this host is called
  place.hidden = false;
  for (const list of document.querySelectorAll(".api-list")) list.setAttribute("hidden", "");
  Reflect.get(window, "SwaggerUIBundle")({
    spec, domNode: place, validatorUrl: null, docExpansion: "none", deepLinking: false, filter: true,
    tryItOutEnabled: true, defaultModelsExpandDepth: -1, requestSnippetsEnabled: true, persistAuthorization: false,
    onComplete: () => place.scrollIntoView({ block: "start" }),
  });
  new MutationObserver(mend).observe(place, { childList: true, subtree: true });
  mend();
});

/** @type {Record<string, string>} what the library says in English, in the language of the page */
const words = JSON.parse(place.dataset.words ?? "{}");

/** Says in the language of the page what the library says. */
function translate() {
  const walk = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const said = words[walk.currentNode.nodeValue?.trim() ?? ""];
    if (said) walk.currentNode.nodeValue = said;
  }
}

/** What the library draws is named for those who do not see it, and takes its place in this page. */
function mend() {
  /** @type {[string, string, string][]} */
  const mended = [
    [".operation-filter-input", "aria-label", place.dataset.filter ?? ""], ["select:not([aria-label])", "aria-label", "URL"],
    ["main", "role", "group"], ["h3.opblock-tag", "aria-level", "2"], ["pre:not([tabindex])", "tabindex", "0"],
    [".operation-filter-input", "placeholder", place.dataset.filter ?? ""], ["h4", "aria-level", "3"], ["h5", "aria-level", "4"], ["section.schemes, .wrapper section", "role", "group"],
  ];
  translate();
  for (const [name, attribute, value] of mended) {
    for (const element of place.querySelectorAll(name)) if (element.getAttribute(attribute) !== value) element.setAttribute(attribute, value);
  }
}
