// Single keys work only outside fields and can be switched off (WCAG 2.1.4).
// A page adds its own by data-key="j" on the link or button that the key presses.
(() => {
  const STORE = "llmasos.shortcuts";
  const enabled = () => localStorage.getItem(STORE) !== "off";
  const box = document.querySelector("[data-shortcuts-switch]");
  if (box) {
    box.checked = enabled();
    box.addEventListener("change", () => localStorage.setItem(STORE, box.checked ? "on" : "off"));
  }
  const writing = (target) =>
    target.isContentEditable || target.matches("input:not([type=checkbox], [type=radio]), textarea, select");
  let before = "";
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if (writing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (!enabled() || document.querySelector("dialog[open]")) return;
    const pressed = before + event.key;
    before = event.key === "g" ? "g " : "";
    if (pressed === "?") document.getElementById("shortcuts")?.showModal();
    else if (pressed === "g h") location.assign(document.querySelector(".bar__mark").href);
    else if (pressed === "/") document.querySelector("main [type=search]")?.focus();
    else {
      const target = document.querySelector(`[data-key="${CSS.escape(pressed)}"]`);
      if (!target) return;
      target.click();
    }
    event.preventDefault();
  });
})();
