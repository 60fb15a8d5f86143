// Ctrl-K (or Cmd-K) and the link in the bar open the search; the arrow keys go through what it finds, Enter follows the first.
(() => {
  const box = document.getElementById("palette");
  if (!box) return;
  const field = box.querySelector("[type=search]");
  const links = () => [...box.querySelectorAll("#palette-found a")];
  const open = () => {
    if (document.querySelector("dialog[open]")) return;
    box.showModal();
    field.focus();
    field.select();
    field.dispatchEvent(new CustomEvent("opened"));
  };
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-search]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  box.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!step) return;
    const found = links();
    const next = found.indexOf(document.activeElement) + step;
    event.preventDefault();
    (next < 0 ? field : (found[next] ?? found.at(-1)))?.focus();
  });
  field.form.addEventListener("submit", (event) => {
    event.preventDefault();
    links()[0]?.click();
  });
})();
