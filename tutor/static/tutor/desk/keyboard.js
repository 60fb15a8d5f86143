/* Keys of the desk. They can be switched off, and never act while somebody writes, composes or holds a modifier. */
(() => {
  "use strict";
  const desk = (window.tutorDesk ??= {});
  const { root, texts } = desk;
  if (!root) return;
  // The same setting as for the keys of every page.
  const STORE = "llmasos.shortcuts";
  const enabled = () => {
    try {
      return localStorage.getItem(STORE) !== "off";
    } catch {
      return true;
    }
  };
  const reasons = document.getElementById("desk-reasons");
  const box = document.getElementById("desk-keys-switch");

  function set(on) {
    try {
      localStorage.setItem(STORE, on ? "on" : "off");
    } catch {
      // It holds for this page then.
    }
    for (const other of document.querySelectorAll("[data-shortcuts-switch]")) other.checked = on;
    show();
  }
  function show() {
    const on = enabled();
    box.checked = on;
    for (const button of root.querySelectorAll("[data-keys-switch]")) {
      button.hidden = false;
      button.setAttribute("aria-pressed", String(on));
      button.textContent = on ? texts.keys_on : texts.keys_off;
    }
    root.classList.toggle("without-keys", !on);
  }
  box.addEventListener("change", () => set(box.checked));
  root.addEventListener("click", (event) => event.target.closest("[data-keys-switch]") && set(!enabled()));
  document.addEventListener("desk:shown", show);

  const writing = (target) =>
    target.isContentEditable || target.matches?.("textarea, select, input:not([type=radio], [type=checkbox], [type=button], [type=submit])");
  const pressable = (target) => target.matches?.("a[href], button, summary, [type=button], [type=submit]");

  const KEYS = {
    j: () => desk.step("next") || desk.toast(texts.no_next),
    k: () => desk.step("previous"),
    o: () => desk.override(),
    u: () => desk.undo(),
    f: () => {
      desk.showPane("mark");
      document.getElementById("feedback").focus();
    },
    d: () => desk.takeDraft(),
    b: () => desk.bank(),
    n: () => desk.note(),
    g: () => (desk.panes().dataset.group ? location.assign(desk.panes().dataset.group) : desk.toast(texts.no_group)),
    "?": () => document.getElementById("desk-keys").showModal(),
    Enter: () => desk.keep(),
  };
  const AGAIN = new Set(["j", "k"]);

  // Before the keys of every page, which would take "g" for the beginning of "go home".
  addEventListener(
    "keydown",
    (event) => {
      if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.isComposing || event.keyCode === 229) return;
      const { key, target } = event;
      if (key === "Escape" && writing(target) && root.contains(target)) {
        root.querySelector("#answer-title").focus();
        return;
      }
      if (!enabled() || writing(target)) return;
      if (event.shiftKey && key !== "?") return;
      const digit = /^[1-9]$/.test(key) ? Number(key) : 0;
      if (reasons.open) {
        const chosen = digit && reasons.querySelectorAll("[data-reason]")[digit - 1];
        if (chosen && !event.repeat) {
          event.preventDefault();
          event.stopPropagation();
          chosen.click();
        }
        return;
      }
      if (document.querySelector("dialog[open]")) return;
      if (key === "Enter" && pressable(target)) return;
      const act = digit ? () => desk.cycle(digit) : key === "0" ? () => desk.choosePoints(0) : KEYS[key];
      if (!act) return;
      event.preventDefault();
      event.stopPropagation();
      if (event.repeat && !AGAIN.has(key)) return;
      act();
    },
    true,
  );
})();
