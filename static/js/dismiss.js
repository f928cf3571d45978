// Lets a reader close a message.
document.addEventListener("click", (event) => {
  event.target.closest("[data-dismiss]")?.closest(".note").remove();
});
for (const button of document.querySelectorAll("[data-dismiss][hidden]")) button.hidden = false;
