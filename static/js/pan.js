// Lets a large picture be dragged and zoomed within its frame; without scripts the frame scrolls.
const STEP = 1.3, NEAR = 3;

const enable = (frame) => {
  const svg = frame.querySelector("svg"), whole = svg.viewBox.baseVal;
  const width = whole.width, height = whole.height;
  const focus = svg.querySelector(".is-focus rect");
  let x = 0, y = 0, scale = 1, held = null, moved = false;

  const show = () => svg.setAttribute("viewBox", `${x} ${y} ${frame.clientWidth / scale} ${frame.clientHeight / scale}`);
  const fit = () => {
    scale = Math.min(frame.clientWidth / width, frame.clientHeight / height, 1);
    x = (width - frame.clientWidth / scale) / 2;
    y = (height - frame.clientHeight / scale) / 2;
    show();
  };
  const zoom = (factor, left = frame.clientWidth / 2, top = frame.clientHeight / 2) => {
    const next = Math.min(NEAR, Math.max(0.1, scale * factor));
    x += left / scale - left / next;
    y += top / scale - top / next;
    scale = next;
    show();
  };
  const pan = (right, down) => {
    x += right / scale;
    y += down / scale;
    show();
  };
  const begin = () => {
    fit();
    if (scale > 0.75 || !focus) return;
    scale = 0.85;
    x = focus.x.baseVal.value + focus.width.baseVal.value / 2 - frame.clientWidth / scale / 2;
    y = focus.y.baseVal.value + focus.height.baseVal.value / 2 - frame.clientHeight / scale / 2;
    show();
  };

  frame.classList.add("is-pannable");
  frame.style.maxHeight = `${Math.max(height + 48, 200)}px`;
  svg.setAttribute("width", "100%");
  svg.setAttribute("height", "100%");
  svg.setAttribute("preserveAspectRatio", "xMinYMin");
  begin();
  new ResizeObserver(show).observe(frame);

  frame.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = { x: event.clientX, y: event.clientY, id: event.pointerId };
    moved = false;
  });
  frame.addEventListener("pointermove", (event) => {
    if (!held || held.id !== event.pointerId) return;
    const right = held.x - event.clientX, down = held.y - event.clientY;
    if (!moved && Math.hypot(right, down) < 4) return;
    if (!moved) frame.setPointerCapture(event.pointerId);
    moved = true;
    held.x = event.clientX;
    held.y = event.clientY;
    pan(right, down);
  });
  for (const end of ["pointerup", "pointercancel"]) frame.addEventListener(end, () => (held = null));
  frame.addEventListener("dragstart", (event) => event.preventDefault());
  frame.addEventListener("click", (event) => moved && event.preventDefault(), true);
  frame.addEventListener("wheel", (event) => {
    if (!event.ctrlKey && !event.metaKey) return;
    event.preventDefault();
    const box = frame.getBoundingClientRect();
    zoom(event.deltaY < 0 ? STEP : 1 / STEP, event.clientX - box.left, event.clientY - box.top);
  }, { passive: false });
  frame.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: [-60, 0], ArrowRight: [60, 0], ArrowUp: [0, -60], ArrowDown: [0, 60] };
    if (event.key in moves) pan(...moves[event.key]);
    else if (event.key === "+" || event.key === "=") zoom(STEP);
    else if (event.key === "-") zoom(1 / STEP);
    else if (event.key === "0") fit();
    else return;
    event.preventDefault();
  });
  const acts = frame.parentElement.querySelector(".pan-acts");
  acts.hidden = false;
  acts.addEventListener("click", (event) => {
    const act = event.target.closest("[data-zoom]")?.dataset.zoom;
    if (act === "all") fit();
    else if (act) zoom(act === "in" ? STEP : 1 / STEP);
  });
};

for (const frame of document.querySelectorAll("[data-pan]")) enable(frame);
