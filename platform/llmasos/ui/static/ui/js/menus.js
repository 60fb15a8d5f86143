// Menus are details elements; this only closes them: outside click, Escape, another menu opening.
(() => {
  const open = () => document.querySelectorAll("details[data-menu][open]");
  document.addEventListener("click", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    for (const menu of open()) {
      menu.open = false;
      menu.querySelector("summary").focus();
    }
  });
  document.addEventListener("focusin", (event) => {
    for (const menu of open()) if (!menu.contains(event.target)) menu.open = false;
  });
  // Where doors or a room's pages do not fit, the current one is in sight.
  for (const here of document.querySelectorAll(".bar__doors [aria-current], .sections [aria-current]"))
    here.parentElement.scrollLeft = here.offsetLeft - here.parentElement.offsetLeft - 48;
  // A page that came back with mistakes starts at their summary.
  document.querySelector("[data-focus-first]")?.focus();
})();
