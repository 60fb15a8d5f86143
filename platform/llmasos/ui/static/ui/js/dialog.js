// data-opens="id" opens the dialog with that id; a click beside a dialog closes it.
(() => {
  for (const opener of document.querySelectorAll("[data-opens][hidden]")) opener.hidden = false;
  document.addEventListener("click", (event) => {
    const opener = event.target.closest("[data-opens]");
    if (opener) document.getElementById(opener.dataset.opens)?.showModal();
    if (event.target.matches("dialog")) {
      const box = event.target.getBoundingClientRect();
      const inside =
        event.clientX >= box.left && event.clientX <= box.right && event.clientY >= box.top && event.clientY <= box.bottom;
      if (!inside && event.detail > 0) event.target.close();
    }
  });
})();
