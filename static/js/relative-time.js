// Keeps relative times true while a page stays open, and adds the reader's own time zone to the exact time.
const MINUTE = 60_000, HOUR = 3_600_000, DAY = 86_400_000;
const exact = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "short" });

const words = (distance) => {
  const size = Math.abs(distance);
  const [count, unit] =
    size < HOUR ? [Math.round(size / MINUTE), "min"]
    : size < DAY ? [Math.round(size / HOUR), "h"]
    : [Math.round(size / DAY), size < 1.5 * DAY ? "day" : "days"];
  return distance < 0 ? `${count} ${unit} ago` : `in ${count} ${unit}`;
};

const refresh = () => {
  for (const element of document.querySelectorAll("time[data-relative]")) {
    const moment = new Date(element.dateTime), distance = moment - Date.now(), size = Math.abs(distance);
    if (!element.title.includes(" (")) element.title += ` (${exact.format(moment)} here)`;
    if (size > (distance < 0 ? 7 : 30) * DAY) continue;
    element.textContent = size < 45_000 ? (distance < 0 ? "just now" : "now") : words(distance);
  }
};

refresh();
setInterval(refresh, MINUTE);
document.addEventListener("htmx:after:swap", refresh);
