// Writes beside each hour in UTC which hour that is for the reader.
const here = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit" });
for (const option of document.querySelectorAll("select[data-utc-hours] option")) {
  const moment = new Date();
  moment.setUTCHours(Number(option.value), 0, 0, 0);
  option.textContent += ` (${here.format(moment)} here)`;
}
