/* The dial says at once what its place would mean; the table's rows hold the words. */
(() => {
  "use strict";
  const form = document.querySelector("[data-dial]");
  const control = form?.elements.step;
  if (!control) return;
  const says = document.getElementById("dial-says");
  const rows = [...form.querySelectorAll("[data-step]")];
  function show() {
    for (const row of rows) row.toggleAttribute("aria-current", row.dataset.step === control.value);
    const row = rows.find((one) => one.dataset.step === control.value);
    row.setAttribute("aria-current", "true");
    says.textContent = row.dataset.says;
    control.setAttribute("aria-valuetext", row.dataset.says);
  }
  control.addEventListener("input", show);
  addEventListener("pageshow", show);
})();
