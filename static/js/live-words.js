// While a form marked data-live-words is filled in, asks what it means so far and shows that; nothing is saved.
const form = document.querySelector("form[data-live-words]");
let timer, latest = 0;

const ask = async () => {
  const turn = ++latest;
  const data = new FormData(form);
  data.set("step", "preview");
  const response = await fetch(location.href, { method: "POST", body: data });
  if (!response.ok || turn !== latest) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const place of form.querySelectorAll("[data-live]")) {
    const said = page.querySelector(`[data-live="${place.dataset.live}"]`);
    if (said && said.innerHTML !== place.innerHTML) place.replaceChildren(...document.adoptNode(said).childNodes);
  }
};

form.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(ask, 400);
});
