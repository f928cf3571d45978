// Says at once that something takes a while: the button of a form marked data-busy waits with other words.
document.addEventListener("submit", (event) => {
  const words = event.target.dataset.busy;
  if (!words || event.defaultPrevented) return;
  event.submitter.textContent = words;
  event.submitter.setAttribute("aria-disabled", "true");
  event.target.addEventListener("submit", (again) => again.preventDefault());
});
