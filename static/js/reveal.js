// Unfolds what the address points into, so that a link into a folded thread shows the comment it is about.
const reveal = () => {
  const found = document.getElementById(location.hash.slice(1));
  if (!found) return;
  for (let fold = found.closest("details:not([open])"); fold; fold = found.closest("details:not([open])")) fold.open = true;
  found.scrollIntoView();
};

reveal();
addEventListener("hashchange", reveal);
