/* The answers of a page together: their state in words, leaving, signing in again, handing in. */
(() => {
  "use strict";
  const work = (window.tutorWork ??= {});
  const form = document.getElementById("answers");
  const bar = document.getElementById("save-bar");
  if (!form || !bar) return;

  const texts = {};
  for (const name of document.querySelectorAll("#save-texts dt")) texts[name.textContent] = name.nextElementSibling.textContent;
  const [good, busy, caution, offline, bad] = document.getElementById("save-icons").content.children;
  const ICONS = { saved: good, saving: busy, unsaved: busy, empty: caution, offline, failing: offline, closed: bad, handed_in: bad };
  // From the most to the least urgent.
  const PROBLEMS = ["conflict", "refused", "signed_out", "offline", "failing"];
  const ALARMS = new Set([...PROBLEMS, "closed", "handed_in"]);
  const HAN = "\\u3005-\\u3007\\u3040-\\u30ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\uf900-\\ufaff\\u{20000}-\\u{3134f}";
  const WORD = new RegExp(`[${HAN}]|[^\\s${HAN}]*[\\p{L}\\p{N}_][^\\s${HAN}]*`, "gu");
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const stateText = bar.querySelector("[data-state-text]");
  const state = bar.querySelector("[data-state]");
  const announcement = document.getElementById("save-announcement");

  const page = {
    drafts: new work.Drafts(form.dataset.submission, form.dataset.key),
    over: "",
    renewing: null,

    token: () => form.querySelector("[name=csrfmiddlewaretoken]").value,

    wordsOf(text) {
      const count = text.match(WORD)?.length ?? 0;
      return texts[count === 1 ? "word" : "words"].replace("NUMBER", count.toLocaleString(document.documentElement.lang));
    },

    /* After signing in again in another window this page needs that session's token. False: nobody is signed in. */
    renew() {
      page.renewing ??= fetch(form.dataset.page, { redirect: "manual", headers: { Accept: "text/html" } })
        .then(async (reply) => {
          if (reply.type === "opaqueredirect") return false;
          const html = reply.ok ? await reply.text() : "";
          const fresh = new DOMParser().parseFromString(html, "text/html").querySelector("#answers [name=csrfmiddlewaretoken]");
          if (fresh) for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = fresh.value;
          return true;
        })
        .catch(() => true)
        .finally(() => (page.renewing = null));
      return page.renewing;
    },

    end(code) {
      page.over = code;
      for (const field of form.querySelectorAll("[data-text], [data-unit]")) field.readOnly = true;
      for (const field of form.querySelectorAll("[data-options] input, .save-bar button")) field.disabled = true;
    },

    changed() {
      const name = situation();
      const placed = page.drafts.place ? `${name}_${page.drafts.place}` : `${name}_window`;
      let said = texts[name] ?? texts[placed];
      if (name === "saved") said = said.replace("TIME", clock.format(new Date(Math.max(...answers.map((one) => one.savedAt ?? 0)))));
      if (state.dataset.state === name && stateText.textContent === said) return;
      const before = state.dataset.state;
      state.dataset.state = name;
      stateText.textContent = said;
      state.querySelector("svg").replaceWith((ICONS[name] ?? caution).cloneNode(true));
      // Each save would be too much to listen to; that it fails, and works again, is not.
      if (ALARMS.has(name) || (name === "saved" && page.alarmed)) announcement.textContent = said;
      page.alarmed = ALARMS.has(name) || (page.alarmed && name !== "saved" && before !== "saved");
    },
  };

  const answers = [...form.querySelectorAll("[data-answer]")].map((section) => new work.Answer(section, page));
  const waiting = () => answers.filter((one) => !one.clean);

  function situation() {
    if (page.over) return page.over;
    const open = waiting();
    if (!open.length) return answers.some((one) => one.savedAt) ? "saved" : "empty";
    const problems = open.map((one) => (one.conflict ? "conflict" : one.problem));
    const worst = PROBLEMS.find((name) => problems.includes(name));
    if (worst === "failing" && !navigator.onLine) return "offline";
    if (worst) return worst;
    if (!navigator.onLine) return "offline";
    return open.some((one) => one.busy) ? "saving" : "unsaved";
  }

  const flush = (options) => Promise.all(waiting().map((one) => one.save(options)));

  form.addEventListener("submit", async (event) => {
    const then = event.submitter?.value;
    if (then === "hand_in" && !waiting().length && !page.over) return;
    event.preventDefault();
    // The first waits for what is under way, the second sends what that did not carry.
    await flush();
    await flush();
    if (!waiting().length && then === "hand_in") form.requestSubmit(event.submitter);
    else if (waiting().length && then === "hand_in") {
      const first = waiting().find((one) => one.conflict) ?? waiting()[0];
      first.section.scrollIntoView({ block: "center" });
      (first.conflict ? first.section.querySelector("[data-conflict]") : (first.text ?? first.options[0]))?.focus();
      document.dispatchEvent(new CustomEvent("toast", { detail: { text: texts.first_save } }));
    }
  });

  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      flush();
    }
  });
  // Enter in a field would press the first button; here it has nothing to press.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches("input:not([type=submit])")) event.preventDefault();
  });
  addEventListener("beforeunload", (event) => {
    if (waiting().length) event.preventDefault();
  });
  const retry = () => {
    for (const one of waiting()) {
      one.failures = 0;
      one.later(0);
    }
    page.changed();
  };
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden") flush({ leaving: true });
    else retry();
  });
  addEventListener("focus", retry);
  addEventListener("online", retry);
  addEventListener("offline", () => page.changed());
  // A page out of the browser's memory may show what has been saved since.
  addEventListener("pageshow", (event) => event.persisted && !waiting().length && location.reload());

  for (const one of document.querySelectorAll("[data-kept-on]")) one.hidden = one.dataset.keptOn !== page.drafts.place;
  bar.querySelector("[data-save]").hidden = true;
  form.dataset.ready = "";
  page.changed();
  Promise.all(answers.map((one) => one.restore())).then((restored) => {
    if (restored.some(Boolean)) document.dispatchEvent(new CustomEvent("toast", { detail: { text: texts.restored } }));
    page.changed();
  });
})();
