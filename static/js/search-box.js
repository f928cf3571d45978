// Suggests while somebody types into the search of the top bar: a combobox with a listbox (ARIA practices, list autocomplete
// with manual selection). Without scripts the form opens the page of results.
const WAIT = 180;
const input = document.getElementById("search");
const list = document.getElementById("search-suggestions");
const said = document.getElementById("search-said");

if (input && list) {
  let timer = 0, asked = null, active = -1;
  const options = () => [...list.querySelectorAll("[role=option]")];

  const mark = (index) => {
    const all = options();
    active = all.length ? (index + all.length) % all.length : -1;
    all.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
    if (index < 0 && active < 0) return input.removeAttribute("aria-activedescendant");
    input.setAttribute("aria-activedescendant", all[active].id);
    all[active].scrollIntoView({ block: "nearest" });
  };

  const close = () => {
    clearTimeout(timer);
    asked?.abort();
    list.hidden = true;
    active = -1;
    said.textContent = "";
    input.setAttribute("aria-expanded", "false");
    input.removeAttribute("aria-activedescendant");
  };

  const suggest = async () => {
    asked?.abort();
    asked = new AbortController();
    const address = `${input.form.action}?${new URLSearchParams({ q: input.value.trim() })}`;
    try {
      const response = await fetch(address, { headers: { "HX-Request": "true" }, signal: asked.signal });
      if (!response.ok || response.redirected) return close();
      const page = new DOMParser().parseFromString(await response.text(), "text/html");
      list.replaceChildren(...page.body.children);
    } catch {
      return;
    }
    active = -1;
    input.removeAttribute("aria-activedescendant");
    list.hidden = false;
    input.setAttribute("aria-expanded", "true");
    const count = options().length - 1;
    said.textContent = `${count} suggestion${count === 1 ? "" : "s"}`;
  };

  const moves = {
    ArrowDown: () => mark(active + 1),
    ArrowUp: () => mark(active < 0 ? -1 : active - 1),
    Enter: () => options()[active].click(),
    Escape: close,
  };

  input.setAttribute("role", "combobox");
  input.setAttribute("aria-autocomplete", "list");
  input.setAttribute("aria-controls", list.id);
  input.setAttribute("aria-expanded", "false");
  input.addEventListener("input", () => {
    clearTimeout(timer);
    if (input.value.trim()) timer = setTimeout(suggest, WAIT);
    else close();
  });
  input.addEventListener("keydown", (event) => {
    if (list.hidden || !moves[event.key] || (event.key === "Enter" && active < 0)) return;
    event.preventDefault();
    moves[event.key]();
  });
  input.addEventListener("blur", close);
  // The field keeps the focus, so that a press on a suggestion does not close the list before it counts.
  list.addEventListener("mousedown", (event) => event.preventDefault());
}
