/* Lists from which rows are chosen: "all on this page", how many, and buttons that need some. Works on redrawn lists. */
(() => {
  "use strict";
  const numbers = new Intl.NumberFormat(document.documentElement.lang || undefined);
  function refresh(form) {
    const boxes = [...form.querySelectorAll("input[type=checkbox][name]")];
    const count = boxes.filter((one) => one.checked).length;
    const all = form.querySelector("[data-all]");
    if (all) {
      all.checked = count > 0 && count === boxes.length;
      all.indeterminate = count > 0 && count < boxes.length;
    }
    for (const button of form.querySelectorAll("[data-needs]")) {
      button.setAttribute("aria-disabled", String(count < Number(button.dataset.needs)));
    }
    const said = form.querySelector("[data-chosen-count]");
    if (said) said.textContent = count ? numbers.format(count) : "";
  }
  const everywhere = () => {
    for (const form of document.querySelectorAll("[data-choosing]")) refresh(form);
  };
  document.addEventListener("change", (event) => {
    const form = event.target.closest("[data-choosing]");
    if (!form) return;
    if (event.target.matches("[data-all]")) {
      for (const box of form.querySelectorAll("input[type=checkbox][name]")) box.checked = event.target.checked;
    }
    refresh(form);
  });
  document.body.addEventListener("htmx:afterSwap", everywhere);
  addEventListener("pageshow", everywhere);
})();
