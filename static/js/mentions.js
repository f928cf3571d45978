// Completes the name after an @ in a comment: a listbox of the people whom the name may mean, worked by the keyboard as ARIA
// practices say. The field stays a text box, for a combobox has but one line. Without scripts an @name is plain text.
const WAIT = 120;
const MENTION = /(?:^|[^\w@/.+-])@([\w.+-]{0,150})$/u;
const list = Object.assign(document.createElement("div"), { id: "mentions", className: "suggestions mentions", hidden: true });
const said = Object.assign(document.createElement("span"), { className: "visually-hidden" });
list.setAttribute("role", "listbox");
list.setAttribute("aria-label", "People");
said.setAttribute("role", "status");

let field = null, timer = 0, asked = null, active = -1;
const options = () => [...list.querySelectorAll("[role=option]")];
const typed = () => field.value.slice(0, field.selectionStart).match(MENTION)?.[1];

const mark = (index) => {
  const all = options();
  active = (index + all.length) % all.length;
  all.forEach((option, place) => option.setAttribute("aria-selected", String(place === active)));
  field.setAttribute("aria-activedescendant", all[active].id);
  all[active].scrollIntoView({ block: "nearest" });
};

const close = () => {
  clearTimeout(timer);
  asked?.abort();
  list.hidden = true;
  said.textContent = "";
  field?.removeAttribute("aria-activedescendant");
};

const choose = (option) => {
  const start = field.selectionStart - typed().length;
  field.setRangeText(`${option.dataset.username} `, start, field.selectionStart, "end");
  close();
};

const suggest = async () => {
  asked?.abort();
  asked = new AbortController();
  const name = typed();
  const address = `${field.closest("[data-mentions]").dataset.mentions}?${new URLSearchParams({ q: name })}`;
  try {
    const response = await fetch(address, { signal: asked.signal });
    if (!response.ok || response.redirected) return close();
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    list.replaceChildren(...page.body.children);
  } catch {
    return;
  }
  const all = options();
  if (!all.length || (all.length === 1 && all[0].dataset.username === name)) return close();
  list.hidden = false;
  mark(0);
  said.textContent = `${all.length} ${all.length === 1 ? "person" : "people"}; arrows choose, Enter completes`;
};

const moves = {
  ArrowDown: () => mark(active + 1),
  ArrowUp: () => mark(active - 1),
  Enter: () => choose(options()[active]),
  Tab: () => choose(options()[active]),
  Escape: close,
};

document.addEventListener("input", ({ target }) => {
  if (!target.matches("[data-mentions] textarea")) return;
  if (field !== target) {
    close();
    field = target;
    field.after(list, said);
    field.setAttribute("aria-autocomplete", "list");
    field.setAttribute("aria-controls", list.id);
  }
  clearTimeout(timer);
  if (typed() === undefined) close();
  else timer = setTimeout(suggest, WAIT);
});
document.addEventListener("keydown", (event) => {
  if (event.target !== field || list.hidden || !moves[event.key]) return;
  event.preventDefault();
  moves[event.key]();
});
document.addEventListener("focusout", ({ target }) => target === field && close());
// The field keeps the focus, so that a press on a name does not close the list before it counts.
list.addEventListener("mousedown", (event) => {
  event.preventDefault();
  const option = event.target.closest("[role=option]");
  if (option) choose(option);
});
