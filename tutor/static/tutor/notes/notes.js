/* Notes on passages: words selected in the answer become the passage of the note. */
(() => {
  "use strict";
  const desk = (window.tutorDesk ??= {});
  const { root, texts } = desk;
  if (!root) return;
  const LONGEST_LABEL = 60;
  let latest = null;

  /* The selected characters as places in the answer, counted in code points as the server counts. */
  function selected() {
    const text = root.querySelector("[data-answer-text]");
    const selection = getSelection();
    if (!text || !selection.rangeCount || selection.isCollapsed) return null;
    const range = selection.getRangeAt(0);
    if (!text.contains(range.startContainer) || !text.contains(range.endContainer)) return null;
    const lead = document.createRange();
    lead.setStart(text, 0);
    lead.setEnd(range.startContainer, range.startOffset);
    const start = [...lead.toString()].length;
    const words = range.toString();
    return words.trim() ? { start, end: start + [...words].length, words } : null;
  }

  function choose(found) {
    const passages = root.querySelector("[data-note] [name=span]");
    passages.querySelector("[data-chosen]")?.remove();
    const words = found.words.replace(/\s+/g, " ").trim();
    const shown = words.length > LONGEST_LABEL ? `${words.slice(0, LONGEST_LABEL)}…` : words;
    const option = new Option(texts.chosen_words.replace("WORDS", () => shown), `${found.start}-${found.end}`);
    option.dataset.chosen = "";
    passages.prepend(option);
    passages.value = option.value;
  }

  desk.note = () => {
    const details = root.querySelector("[data-note]");
    if (!details) return;
    const found = selected();
    desk.showPane("answer");
    details.open = true;
    if (found) choose(found);
    details.querySelector(found ? "[name=text]" : "[name=span]").focus();
    details.scrollIntoView({ block: "nearest" });
  };

  // A press on a touch screen takes the selection away before the form opens.
  document.addEventListener("selectionchange", () => {
    latest = selected() ?? latest;
  });
  root.addEventListener("toggle", (event) => {
    if (!event.target.matches("[data-note]") || !event.target.open || !latest) return;
    if (!event.target.querySelector("[data-chosen]")) choose(latest);
    latest = null;
  }, true);
  document.addEventListener("desk:shown", () => {
    latest = null;
  });
})();
