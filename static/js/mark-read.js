// Following a notice marks it as read; without scripts its button does.
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[data-notice]");
  const form = link?.closest("li").querySelector("form");
  if (!form) return;
  const given = new FormData(form);
  given.set("notice", link.dataset.notice);
  given.set("followed", "1");
  fetch(form.action, { method: "POST", body: given, keepalive: true, redirect: "manual" });
});
