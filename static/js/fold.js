// On a narrow screen folds what would push the rest of the page down; without scripts it stays open.
const fold = () => {
  if (!matchMedia("(width < 64rem)").matches) return;
  for (const details of document.querySelectorAll("details[data-fold-narrow]")) details.open = false;
};

fold();
document.addEventListener("htmx:after:swap", fold);
