// Saving the colours under a name, by those who have a token for it; the token is kept nowhere.
import { absolute, button, data, element, words } from "../page.js";

const ID = /^[a-z0-9][a-z0-9-]{0,62}$/;

/**
 * A form that saves what is chosen.
 * @param {() => {colormap: string, range: number[], scale: string} | null} chosen null while it cannot be drawn
 */
export function saveStyle(chosen) {
  const name = element("input", { type: "text", maxLength: 63, size: 16, autocomplete: "off", "aria-describedby": "style-name-hint" });
  const title = element("input", { type: "text", maxLength: 200, size: 24, autocomplete: "off" });
  const token = element("input", { type: "password", size: 24, autocomplete: "off" });
  const answer = element("output", { class: "hint", role: "status" });
  const save = button(words.save, async () => {
    const style = chosen();
    if (!style) return;
    if (!ID.test(name.value)) { answer.textContent = words.style_name_hint; name.focus(); return; }
    save.disabled = true;
    answer.replaceChildren(...await sent(name.value, { title: { [data.language]: title.value || name.value }, ...style }, token.value));
    save.disabled = false;
  });
  return element("details", { class: "inner" }, element("summary", {}, words.save_style),
    element("span", { class: "row" }, element("label", {}, words.style_name, name), element("label", {}, words.style_title, title),
      element("label", {}, words.token, token), save),
    element("p", { class: "hint", id: "style-name-hint" }, words.style_name_hint), answer);
}

/** What to say after sending a style: a link to the page in it, or what was wrong. */
async function sent(id, style, token) {
  const url = `${absolute(`${data.collection}/styles/${id}`)}?variable=${encodeURIComponent(data.variable)}`;
  const headers = { "Content-Type": "application/json", Accept: "application/json", "Accept-Language": data.language };
  if (token) Reflect.set(headers, "Authorization", `Bearer ${token}`);
  try {
    const answer = await fetch(url, { method: "PUT", headers, body: JSON.stringify(style) });
    if (!answer.ok) return [(await answer.json()).detail ?? `${answer.status}`];
  } catch (error) {
    return [error.message];
  }
  const page = new URL(location.href);
  page.searchParams.set("style", id);
  for (const part of ["colormap", "range", "scale"]) page.hash = page.hash.replace(new RegExp(`&?${part}=[^&]*`), "");
  return [`${words.style_saved} `, element("a", { href: page.href }, id)];
}
