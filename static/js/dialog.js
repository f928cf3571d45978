// Opens a link marked data-dialog as a dialog on the same page; without scripts it is a page of its own.
document.addEventListener("click", async (event) => {
  const link = event.target.closest("a[data-dialog]");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  const response = await fetch(link.href);
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const content = page.querySelector("[data-dialog-content]");
  if (!response.ok || response.redirected || !content) return location.assign(link.href);
  const dialog = document.createElement("dialog");
  dialog.setAttribute("aria-labelledby", content.querySelector("h1, h2").id);
  dialog.append(document.adoptNode(content));
  dialog.addEventListener("close", () => dialog.remove());
  dialog.addEventListener("click", (inner) => {
    if (inner.target === dialog || inner.target.closest("[data-close]")) {
      inner.preventDefault();
      dialog.close();
    }
  });
  document.body.append(dialog);
  dialog.showModal();
});
