// Sharing: the link of the view, and the code that shows it in another page.
import { button, copy, element, words } from "./page.js";
import { tool } from "./tool.js";

/** Copies the link, and gives the code of a frame. */
export function share() {
  const made = tool("share", words.share);
  const link = element("input", { type: "text", readOnly: true, size: 60, "aria-label": words.share_link });
  const code = element("textarea", { readOnly: true, rows: 3, cols: 60, "aria-label": words.embed });
  const fill = () => {
    link.value = location.href;
    const url = new URL(location.href);
    url.searchParams.set("embed", "true");
    code.value = `<iframe src="${url.href.replaceAll("&", "&amp;").replaceAll('"', "&quot;")}" width="800" height="600" loading="lazy" title="${document.title.replaceAll('"', "&quot;")}"></iframe>`;
  };
  made.onOpen(fill);
  const copyLink = button(words.copy_url, () => { fill(); copy(copyLink, link.value); });
  const copyCode = button(words.copy_code, () => { fill(); copy(copyCode, code.value); });
  made.panel.append(
    element("span", { class: "row" }, element("label", {}, words.share_link, link), copyLink),
    element("span", { class: "row" }, element("label", {}, words.embed, code), copyCode),
  );
  return made;
}
