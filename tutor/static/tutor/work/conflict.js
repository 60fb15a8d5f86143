/* Two versions of one answer, side by side, until its writer decides. Neither is lost before that. */
(() => {
  "use strict";
  const work = (window.tutorWork ??= {});

  work.conflicts = (answer) => {
    const panel = answer.section.querySelector("[data-conflict]");
    const label = (id) => answer.options.find((option) => option.value === id)?.labels[0]?.textContent ?? id;

    answer.meet = (other) => {
      if (work.same(answer.content(), other)) {
        answer.stored = { text: other.text, choices: other.choices };
        answer.rebase(other.revision);
        answer.page.drafts.remove(answer.id);
        return;
      }
      answer.conflict = other;
      answer.keep();
      panel.querySelector("[data-other]").textContent = answer.options.length ? other.choices.map(label).join("\n") : other.text;
      panel.querySelector("[data-decide]").hidden = false;
      panel.hidden = false;
    };

    panel.addEventListener("click", (event) => {
      const choice = event.target.closest("[data-keep]")?.dataset.keep;
      if (!choice || !answer.conflict) return;
      const other = answer.conflict;
      const mine = answer.content();
      answer.conflict = null;
      panel.hidden = true;
      answer.stored = { text: other.text, choices: other.choices };
      answer.rebase(other.revision);
      if (choice === "other") answer.show(answer.stored);
      if (choice === "both") answer.show({ text: `${other.text.trimEnd()}\n\n${mine.text}`, choices: mine.choices });
      (answer.text ?? answer.options[0])?.focus();
      answer.typed();
      answer.later(0);
    });

    // A form that was posted without this script came back with the other version.
    if (!panel.hidden) {
      const choices = JSON.parse(panel.querySelector("script[type='application/json']")?.textContent ?? "[]");
      const text = answer.options.length ? "" : panel.querySelector("[data-other]").textContent;
      answer.meet({ text, choices, revision: answer.revision });
    }
  };
})();
