/* Feedback: the machine's draft is taken by a press and edited; comments of the bank are put in by a number. */
(() => {
  "use strict";
  const desk = (window.tutorDesk ??= {});
  const { root, texts } = desk;
  if (!root) return;
  const SEARCH_MS = 200;
  const bank = document.getElementById("desk-bank");
  const offers = document.getElementById("desk-offers");
  const search = document.getElementById("desk-bank-search");
  const keep = document.getElementById("desk-keep-comment");
  const form = () => document.getElementById("mark-form");

  function add(text) {
    const field = form().elements.feedback;
    field.value = [field.value.trim(), text].filter(Boolean).join(" ");
    field.dispatchEvent(new Event("input", { bubbles: true }));
    desk.showPane("mark");
    field.focus();
    field.setSelectionRange(field.value.length, field.value.length);
  }

  desk.takeDraft = () => {
    const draft = root.querySelector("[data-draft]");
    if (!draft || draft.hidden) return desk.toast(texts.no_draft);
    form().elements.drafted.value = "1";
    draft.hidden = true;
    add(draft.querySelector("[data-draft-text]").textContent);
  };

  /* The levels that would be kept now, against those that the draft was made for. */
  function compare() {
    const draft = root.querySelector("[data-draft]");
    if (!draft) return;
    const now = [...form().querySelectorAll("[data-criterion]")].map((one) => one.querySelector(":checked") ?? one.querySelector("[data-ghost]"));
    const levels = new Set(draft.dataset.levels.split(";"));
    const same = now.every((one) => !one || levels.has(`${one.name.slice("level-".length)}=${one.value}`));
    draft.querySelector("[data-draft-other]").hidden = same;
  }

  let timer = 0;
  let asked = 0;
  async function list() {
    const number = ++asked;
    try {
      const reply = await desk.post(desk.panes().dataset.comments, { q: search.value });
      if (!reply.ok) throw new Error(String(reply.status));
      const html = await reply.text();
      if (number === asked) offers.innerHTML = html;
    } catch {
      if (number === asked) offers.textContent = texts.failed;
    }
  }
  desk.bank = () => {
    search.value = "";
    offers.replaceChildren();
    bank.showModal();
    offers.focus();
    list();
  };
  search.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(list, SEARCH_MS);
  });
  function choose(button) {
    bank.close();
    add(button.dataset.offer);
    if (button.dataset.use) desk.post(button.dataset.use, {}).catch(() => {});
  }
  offers.addEventListener("click", (event) => {
    const button = event.target.closest("[data-offer]");
    if (button) choose(button);
  });
  bank.addEventListener("keydown", (event) => {
    if (event.target === search || event.ctrlKey || event.metaKey || event.altKey) return;
    const button = /^[1-9]$/.test(event.key) && offers.querySelectorAll("[data-offer]")[Number(event.key) - 1];
    if (!button) return;
    event.preventDefault();
    choose(button);
  });

  function keepSentence() {
    const field = form().elements.feedback;
    const chosen = field.value.slice(field.selectionStart, field.selectionEnd).trim() || field.value.trim();
    if (!chosen) return desk.toast(texts.nothing_to_keep);
    const inside = keep.querySelector("form:not([method=dialog])");
    inside.elements.text.value = chosen;
    refused("");
    keep.showModal();
    inside.elements.text.focus();
  }
  function refused(message, anyway = false) {
    const said = keep.querySelector("[data-refusal]");
    said.hidden = !message;
    said.textContent = message;
    keep.querySelector("[name=anyway]").hidden = !anyway;
  }
  keep?.addEventListener("submit", async (event) => {
    const sent = event.target;
    if (sent.method === "dialog") return;
    event.preventDefault();
    try {
      const reply = await desk.post(sent.action, [...new FormData(sent, event.submitter)], { Accept: "application/json" });
      const said = await reply.json();
      if (!reply.ok) return refused(said.message, said.code === "names_somebody");
      keep.close();
      desk.toast(said.message);
    } catch {
      refused(texts.failed);
    }
  });

  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-take-draft]")) desk.takeDraft();
    if (event.target.closest("[data-bank]")) desk.bank();
    if (event.target.closest("[data-keep-comment]")) keepSentence();
  });
  root.addEventListener("input", (event) => {
    // Whoever begins anew with an empty field writes their own words.
    if (event.target.name === "feedback" && !event.target.value.trim()) {
      form().elements.drafted.value = "";
      const draft = root.querySelector("[data-draft]");
      if (draft) draft.hidden = false;
    }
  });
  for (const name of ["change", "click"]) root.addEventListener(name, compare);
  document.addEventListener("desk:shown", () => {
    for (const one of root.querySelectorAll("[data-take-draft], [data-bank], [data-keep-comment]")) one.hidden = false;
    compare();
  });
})();
