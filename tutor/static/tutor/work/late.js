/* What this device still keeps of an attempt that is handed in came too late: its writer sees it once more. */
(() => {
  "use strict";
  const place = document.getElementById("late-drafts");
  if (!place) return;
  const drafts = new window.tutorWork.Drafts(place.dataset.submission, place.dataset.key);
  const questions = drafts.names().map((name) => name.slice(drafts.prefix.length));
  const list = place.querySelector("[data-texts]");
  Promise.all(questions.map((question) => drafts.get(question))).then((kept) => {
    for (const draft of kept.filter((one) => one?.text)) {
      const text = document.createElement("div");
      text.className = "answer-text";
      text.textContent = draft.text;
      list.append(text);
    }
    if (list.children.length) place.hidden = false;
    else for (const question of questions) drafts.remove(question);
  });
  place.querySelector("[data-remove]").addEventListener("click", () => {
    for (const question of questions) drafts.remove(question);
    place.hidden = true;
  });
})();
