// Turns the drawn plots of metrics into ones that answer to the pointer; without scripts the drawn ones stay.
import uPlot from "../vendor/uplot.js";

const HEIGHT = 150;
const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
const resolved = (name) => {
  const probe = document.createElement("i");
  probe.style.color = `var(${name})`;
  document.body.append(probe);
  const found = getComputedStyle(probe).color;
  probe.remove();
  return found;
};
const figure = (value) => (value == null ? "" : Number(value.toPrecision(5)).toString());

const draw = (element) => {
  const { name, versions, values } = JSON.parse(element.dataset.plot);
  const ink = resolved("--ink-muted"), line = resolved("--line"), accent = resolved("--accent");
  const font = `11px ${colour("--sans") || "sans-serif"}`;
  const label = (_, places) => places.map((place) => (Number.isInteger(place) ? (versions[place] ?? "") : ""));
  const axis = { stroke: ink, font, grid: { stroke: line, width: 1 }, ticks: { show: false } };
  return new uPlot(
    {
      width: element.clientWidth,
      height: HEIGHT,
      padding: [8, 14, 0, 0],
      cursor: { y: false, drag: { x: false, y: false } },
      scales: { x: { time: false, range: (_, low, high) => (low === high ? [low - 1, high + 1] : [low, high]) } },
      axes: [
        { ...axis, grid: { show: false }, size: 26, space: 60, values: label },
        { ...axis, size: 52, space: 34, values: (_, marks) => marks.map(figure) },
      ],
      series: [
        { label: "version", value: (_plot, place) => versions[place ?? versions.length - 1] },
        { label: name, stroke: accent, width: 1.75, points: { size: 6, fill: accent }, value: (_plot, value) => figure(value ?? values.at(-1)) },
      ],
    },
    [values.map((_, place) => place), values],
    element,
  );
};

const plots = new Map();
const widths = new ResizeObserver((entries) => {
  for (const { target } of entries) plots.get(target)?.setSize({ width: target.clientWidth, height: HEIGHT });
});
const redraw = () => {
  for (const [element, plot] of plots) {
    plot.destroy();
    plots.set(element, draw(element));
  }
};

for (const element of document.querySelectorAll("[data-plot]")) {
  element.querySelector("svg").classList.add("visually-hidden");
  plots.set(element, draw(element));
  widths.observe(element);
}
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", redraw);
