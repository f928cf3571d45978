// Downloads an export while saying how far it has come; without scripts the form itself is the download.
const words = new Intl.NumberFormat();

const save = (parts, type, name) => {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
};

const download = async (form, bar, show, signal) => {
  const response = await fetch(form.action, { method: "POST", body: new FormData(form), signal });
  const total = Number(response.headers.get("Export-Lines")), parts = [];
  if (!response.ok || !response.headers.has("Export-Lines")) return form.submit();
  bar.max = Math.max(total, 1);
  const headings = response.headers.get("Content-Type").startsWith("text/csv") ? 1 : 0;
  let lines = -headings;
  for (const reader = response.body.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) break;
    parts.push(value);
    for (const byte of value) if (byte === 10) lines += 1;
    show(`${words.format(Math.max(lines, 0))} of ${words.format(total)}`, lines);
  }
  if (lines < total) throw new Error("cut");
  const [, name] = response.headers.get("Content-Disposition").match(/filename="(.+?)"/);
  save(parts, response.headers.get("Content-Type"), name);
  show(`Done: ${words.format(total)} in ${name}.`, total);
};

for (const form of document.querySelectorAll("form[data-export]")) {
  const box = form.querySelector("[data-export-progress]"), stop = form.querySelector("[data-export-stop]");
  const bar = box.querySelector("progress"), status = box.querySelector("[data-export-status]");
  const start = form.querySelector("[type=submit]");
  let told = 0;
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const controller = new AbortController();
    stop.onclick = () => controller.abort();
    box.hidden = stop.hidden = false;
    start.disabled = true;
    status.textContent = "Starting";
    const show = (text, lines) => {
      bar.value = Math.max(lines, 0);
      if (Date.now() - told < 500 && !text.startsWith("Done")) return;
      told = Date.now();
      status.textContent = text;
    };
    try {
      await download(form, bar, show, controller.signal);
    } catch {
      status.textContent = controller.signal.aborted
        ? "Stopped; nothing was saved."
        : "The export broke off and nothing was saved. Please try again.";
    }
    stop.hidden = true;
    start.disabled = false;
  });
}
