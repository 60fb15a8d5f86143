// data-opens="id" opens the dialog with that id; a click beside a dialog closes it. A button that sends a form and has
// data-confirm="question" asks it first; without scripts the form is sent at once.
(() => {
  const asking = document.getElementById("confirm");
  let asked = null;
  asking?.querySelector("[data-yes]").addEventListener("click", () => {
    asking.close();
    asked.form.requestSubmit(asked);
  });
  for (const opener of document.querySelectorAll("[data-opens][hidden]")) opener.hidden = false;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    const sender = event.target.closest("button[data-confirm]");
    if (sender) {
      event.preventDefault();
      asked = sender;
      asking.querySelector("[data-question]").textContent = sender.dataset.confirm;
      asking.querySelector("[data-yes]").textContent = sender.innerText.trim();
      asking.showModal();
    }
    if (event.target.matches("dialog")) {
      const box = event.target.getBoundingClientRect();
      const inside =
        event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside && event.detail > 0) event.target.close();
    }
  });
})();
