// Sends a call of the API reference from its form and shows what came back; a pasted token never leaves its field.
const SHOWN = 200_000;
const HEADERS = [
  "ETag", "Location", "Content-Type", "Content-Range", "Repr-Digest", "Idempotency-Replayed", "Retry-After", "X-Request-ID",
];
const way = document.querySelector("[data-trial-way]"), token = way.querySelector("[data-trial-token]");

const sayWho = () => {
  const who = token.value.trim() ? "with the pasted token" : way.dataset.as || "with no token yet: paste one at the top";
  for (const place of document.querySelectorAll("[data-trial-as]")) place.textContent = who;
};

// A path of artifacts keeps its slashes.
const escaped = (name, value) =>
  name === "path" ? value.split("/").map(encodeURIComponent).join("/") : encodeURIComponent(value);

const call = (form) => {
  const method = form.dataset.method, headers = new Headers(), query = new URLSearchParams();
  let path = form.dataset.path;
  for (const { name, value, dataset } of form.querySelectorAll("[data-place]")) {
    if (dataset.place === "path") path = path.replace(`{${name}}`, () => escaped(name, value.trim()));
    else if (value && dataset.place === "query") query.append(name, value);
    else if (value) headers.set(name, value);
  }
  const typed = form.querySelector("[data-body]"), file = form.querySelector("[data-file]");
  if (typed) headers.set("Content-Type", "application/json");
  if (file) headers.set("Content-Type", "application/octet-stream");
  if (token.value.trim()) headers.set("Authorization", `Bearer ${token.value.trim()}`);
  else if (way.dataset.csrf) headers.set("X-CSRFToken", way.dataset.csrf);
  const credentials = token.value.trim() ? "omit" : "same-origin";
  const address = String(query) ? `${path}?${query}` : path;
  return fetch(address, { method, headers, credentials, body: typed?.value ?? file?.files[0], cache: "no-store" });
};

// Reads no more than is shown: an answer may be as long as the log, or as a model.
const text = async (response) => {
  const type = response.headers.get("Content-Type") ?? "";
  if (type && !/json|text/.test(type)) {
    await response.body?.cancel();
    const size = Number(response.headers.get("Content-Length"));
    return `${size.toLocaleString()} bytes that are not text. The command above saves them.`;
  }
  const decoder = new TextDecoder(), reader = response.body?.getReader();
  let found = "";
  while (reader && found.length < SHOWN) {
    const { done, value } = await reader.read();
    if (done) return pretty(found);
    found += decoder.decode(value, { stream: true });
  }
  await reader?.cancel();
  return found && `${found.slice(0, SHOWN)}\n… cut here; the command above gets all of it.`;
};

const pretty = (found) => {
  try {
    return JSON.stringify(JSON.parse(found), null, 2);
  } catch {
    return found;
  }
};

const detail = (body) => {
  try {
    return JSON.parse(body).detail ?? "";
  } catch {
    return "";
  }
};

const show = (box, tone, status, headers, body) => {
  const [said, list, pre] = box.children;
  said.textContent = status;
  said.dataset.tone = tone;
  list.replaceChildren(...headers.map(([name, value]) => {
    const row = document.createElement("div"), dt = document.createElement("dt"), dd = document.createElement("dd");
    dt.textContent = name;
    dd.textContent = value;
    row.append(dt, dd);
    return row;
  }));
  pre.textContent = body;
  pre.hidden = !body;
  box.hidden = false;
};

const run = async (form) => {
  const box = form.parentElement.querySelector("[data-trial-answer]"), button = form.querySelector("button");
  button.disabled = true;
  try {
    const response = await call(form), body = await text(response), { ok, status, statusText } = response;
    const headers = HEADERS.filter((name) => response.headers.has(name)).map((name) => [name, response.headers.get(name)]);
    const said = ok ? "" : detail(body);
    show(box, ok ? "good" : "bad", `${status} ${statusText}${said && `: ${said}`}`, headers, body);
  } catch (error) {
    const wrong = error instanceof TypeError && /header|ByteString|ISO-8859/i.test(error.message);
    show(box, "bad", wrong ? "Not sent: a header may have no such characters." : "No answer: the portal cannot be reached.", [], "");
  }
  button.disabled = false;
  button.focus();
};

const fill = (trial) => {
  trial.append(trial.querySelector("template").content.cloneNode(true));
  const form = trial.querySelector("form"), sure = form.querySelector("[data-trial-sure]");
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    trial.querySelector("[data-trial-answer]").hidden = true;
    if (!sure) return run(form);
    sure.hidden = false;
    sure.querySelector("[data-trial-yes]").focus();
  });
  form.addEventListener("click", (event) => {
    if (!event.target.closest("[data-trial-yes], [data-trial-no]")) return;
    sure.hidden = true;
    if (event.target.closest("[data-trial-yes]")) run(form);
    else form.querySelector("button").focus();
  });
  sayWho();
};

for (const trial of document.querySelectorAll("[data-trial]")) {
  trial.addEventListener("toggle", () => fill(trial), { once: true });
  trial.hidden = false;
}
way.hidden = false;
token.addEventListener("input", sayWho);
