// document.dispatchEvent(new CustomEvent("toast", {detail: {text}})), or the response header HX-Trigger: {"toast": {"text": ...}}
(() => {
  const place = document.getElementById("toasts");
  const shape = document.getElementById("toast");
  const SHOWN_MS = 8000;
  document.addEventListener("toast", (event) => {
    const text = event.detail?.text ?? event.detail?.value;
    if (!text || !place || !shape) return;
    // The same again takes the place of what was said, however often a key is pressed.
    for (const shown of [...place.children]) if (shown.querySelector("[data-text]").textContent === text) shown.remove();
    const toast = shape.content.firstElementChild.cloneNode(true);
    toast.querySelector("[data-text]").textContent = text;
    let timer = 0;
    const wait = () => (timer = setTimeout(() => toast.remove(), SHOWN_MS));
    const stay = () => clearTimeout(timer);
    toast.querySelector("[data-close]").addEventListener("click", () => toast.remove());
    for (const name of ["pointerenter", "focusin"]) toast.addEventListener(name, stay);
    for (const name of ["pointerleave", "focusout"]) toast.addEventListener(name, wait);
    place.append(toast);
    while (place.children.length > 3) place.firstElementChild.remove();
    wait();
  });
})();
