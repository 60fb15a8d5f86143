/* Saves the intake while it is typed. What was typed before this script ran is saved too. */
(() => {
  "use strict";
  const PAUSE_MS = 800;
  const text = document.querySelector("[data-saves]");
  if (!text || text.readOnly) return;
  const form = text.form;
  let stored = text.defaultValue;
  let timer = 0;
  const save = () => {
    clearTimeout(timer);
    if (text.value !== stored) htmx.trigger(form, "save");
  };
  text.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(save, PAUSE_MS);
  });
  text.addEventListener("blur", save);
  let sent = stored;
  form.addEventListener("htmx:beforeRequest", () => (sent = text.value));
  form.addEventListener("htmx:afterRequest", (event) => {
    const refused = document.querySelector("#case [role=alert]");
    if (event.detail.successful && !refused) stored = sent;
  });
  window.addEventListener("pagehide", () => {
    if (text.value === stored || document.querySelector("#case [role=alert]")) return;
    fetch(form.action, { method: "POST", body: new FormData(form), keepalive: true });
  });
  // A button of the part that is replaced goes with it: the keyboard goes on at what came in its place.
  const part = document.getElementById("case");
  let next = "";
  part.addEventListener("htmx:beforeRequest", (event) => {
    next = { answer: "question-title", take: "offers-title" }[event.target.name] ?? "";
  });
  part.addEventListener("htmx:afterSettle", () => {
    if (!next || document.activeElement !== document.body) return;
    (document.getElementById(next) ?? document.getElementById("findings-title")).focus();
  });
  // From then on htmx listens.
  document.addEventListener("DOMContentLoaded", save, { once: true });
})();
