// Messages say themselves to screen readers and go after some seconds, unless somebody points at or reads one; errors stay.
const SECONDS = 8;
const region = document.querySelector(".messages");

const goAway = (note) => {
  let timer;
  const wait = () => { timer = setTimeout(() => note.remove(), SECONDS * 1000); };
  const stay = () => clearTimeout(timer);
  for (const name of ["pointerenter", "focusin"]) note.addEventListener(name, stay);
  note.addEventListener("pointerleave", () => note.contains(document.activeElement) || wait());
  note.addEventListener("focusout", () => note.matches(":hover") || wait());
  wait();
};

for (const note of region?.querySelectorAll(".note") ?? []) {
  region.append(note);
  if (note.hasAttribute("data-brief")) goAway(note);
}
