/* Notes on passages: words selected in the answer become the passage of the note. */
(() => {
  "use strict";
  const desk = (window.tutorDesk ??= {});
  const { root, texts } = desk;
  if (!root) return;
  const LONGEST_LABEL = 60;

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
    const end = start + [...words].length;
    return words.trim() ? { start, end, words } : null;
  }

  function openNote(found) {
    const details = root.querySelector("[data-note]");
    if (!details) return;
    desk.showPane("answer");
    details.open = true;
    const passages = details.querySelector("[name=span]");
    if (found) {
      passages.querySelector("[data-chosen]")?.remove();
      const words = found.words.replace(/\s+/g, " ").trim();
      const option = new Option(texts.chosen_words.replace("WORDS", () => (words.length > LONGEST_LABEL ? `${words.slice(0, LONGEST_LABEL)}…` : words)), `${found.start}-${found.end}`);
      option.dataset.chosen = "";
      passages.prepend(option);
      passages.value = option.value;
    }
    (found ? details.querySelector("[name=text]") : passages).focus();
    details.scrollIntoView({ block: "nearest" });
  }
  desk.note = () => openNote(selected());

  let button = null;
  const hide = () => {
    button?.remove();
    button = null;
  };
  document.addEventListener("selectionchange", () => {
    const found = selected();
    if (!found) return hide();
    const box = getSelection().getRangeAt(0).getBoundingClientRect();
    if (!button) {
      button = document.createElement("button");
      button.type = "button";
      button.className = "button note-here";
      button.textContent = root.querySelector("[data-note] summary").firstChild.textContent.trim();
      // Before the press takes the selection away.
      button.addEventListener("pointerdown", (event) => {
        event.preventDefault();
        const now = selected();
        hide();
        openNote(now);
      });
      document.body.append(button);
    }
    button.style.insetBlockStart = `${scrollY + box.bottom + 6}px`;
    button.style.insetInlineStart = `${Math.max(8, Math.min(scrollX + box.left, innerWidth - button.offsetWidth - 8))}px`;
  });
  document.addEventListener("desk:leaving", hide);
})();
