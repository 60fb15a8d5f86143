// A form with data-slow="what is under way" says so when it is sent, and is sent once.
(() => {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    const text = form.dataset.slow;
    if (!text) return;
    const button = event.submitter ?? form.querySelector("button");
    if (button.getAttribute("aria-busy") === "true") return event.preventDefault();
    button.setAttribute("aria-busy", "true");
    document.dispatchEvent(new CustomEvent("toast", { detail: { text } }));
  });
  // The page comes back as it was left.
  addEventListener("pageshow", () => {
    for (const button of document.querySelectorAll('[data-slow] [aria-busy="true"]')) button.removeAttribute("aria-busy");
  });
})();
