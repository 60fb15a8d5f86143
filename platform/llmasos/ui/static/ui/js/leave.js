// Signing out takes along what pages kept of unsaved words ("draft." in the browser's storage); first it asks.
(() => {
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (!new URL(form.action, location.href).pathname.endsWith("/logout/")) return;
    for (const store of ["localStorage", "sessionStorage"]) {
      let kept = [];
      try {
        kept = Object.keys(window[store]).filter((name) => name.startsWith("draft."));
      } catch {
        // A browser that keeps nothing has nothing to take along.
      }
      if (kept.length && form.dataset.unsaved && !confirm(form.dataset.unsaved)) {
        event.preventDefault();
        return;
      }
      for (const name of kept) window[store].removeItem(name);
    }
  });
})();
