// Changes colours at once; without a script the same form posts and the page comes back in them.
(() => {
  const form = document.querySelector("[data-theme-form]");
  form?.addEventListener("submit", (event) => {
    const chosen = event.submitter?.value;
    if (!chosen) return;
    event.preventDefault();
    const body = new FormData(form, event.submitter);
    fetch(form.action, { method: "POST", body, headers: { "X-Requested-With": "fetch" }, redirect: "manual" });
    if (chosen === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = chosen;
    for (const button of form.querySelectorAll("button")) {
      button.setAttribute("aria-pressed", String(button.value === chosen));
    }
  });
})();
