// Copies the text of a button's data-copy; the buttons stay hidden where scripts do not run.
const reveal = (root) => {
  for (const button of root.querySelectorAll("button[data-copy][hidden]")) button.hidden = false;
};

document.addEventListener("click", async (event) => {
  const button = event.target.closest("button[data-copy]");
  if (!button) return;
  await navigator.clipboard.writeText(button.dataset.copy);
  const label = button.getAttribute("aria-label");
  button.classList.add("is-done");
  button.setAttribute("aria-label", "Copied");
  setTimeout(() => {
    button.classList.remove("is-done");
    button.setAttribute("aria-label", label);
  }, 1500);
});

reveal(document);
document.addEventListener("htmx:after:swap", () => reveal(document));
