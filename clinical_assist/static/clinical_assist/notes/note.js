/* A note that saves itself. The form works without this script; nothing typed before it ran is lost, since it compares
   each field with the mark of what the server has. A save that meets somebody else's text is posted as a form, and the
   page that comes back shows both. */
(() => {
  "use strict";
  const form = document.getElementById("note");
  if (!form) return;
  const PAUSE_MS = 1_200;
  const TIMEOUT_MS = 15_000;
  const WAITS_MS = [1_000, 3_000, 8_000, 20_000];
  const WORDING_MS = 3_000;

  const texts = {};
  for (const name of document.querySelectorAll("#note-texts dt")) texts[name.textContent] = name.nextElementSibling.textContent;
  const clock = new Intl.DateTimeFormat(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const state = form.querySelector("[data-saved]");
  const left = form.querySelector("[data-left]");
  const fields = () => [...form.querySelectorAll("textarea")];
  const opened = () => [...form.querySelectorAll("[name=opened]:checked")].map((one) => one.value);
  const onOneLine = (text) => text.split(/\s+/).filter(Boolean).join(" ");
  // What the server has, by the field's name.
  const stored = new Map(fields().map((one) => [one.name, one.defaultValue]));
  const storedOpened = new Set(
    [...form.querySelectorAll("[name=opened]")].filter((one) => one.defaultChecked).map((one) => one.value),
  );
  let timer = 0;
  let busy = null;
  let failures = 0;
  let leaving = false;
  // A page that shows two texts waits until its reader has decided.
  const deciding = form.hasAttribute("data-deciding");

  const say = (name) => (state.textContent = texts[name].replace("TIME", clock.format(new Date())));
  const clean = () =>
    fields().every((one) => one.value === (stored.get(one.name) ?? "")) && opened().every((key) => storedOpened.has(key));

  const later = (wait = PAUSE_MS) => {
    clearTimeout(timer);
    timer = setTimeout(save, wait);
  };

  const typed = () => {
    if (deciding || clean()) return;
    say("unsaved");
    later();
  };

  function save({ keepalive = false } = {}) {
    clearTimeout(timer);
    if (deciding) return Promise.resolve();
    if (busy) return busy.then(() => (clean() ? undefined : save()));
    if (clean()) return Promise.resolve();
    busy = send(keepalive).finally(() => (busy = null));
    return busy;
  }

  async function send(keepalive) {
    const sent = new Map(fields().map((one) => [one, one.value]));
    const ticks = opened();
    say("saving");
    let reply = null;
    try {
      reply = await fetch(form.action, {
        method: "POST",
        body: new FormData(form),
        headers: { Accept: "application/json" },
        redirect: "manual",
        keepalive,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    } catch {
      reply = null;
    }
    if (reply?.ok) return settle(await reply.json(), sent, ticks);
    if (reply && (reply.status === 409 || reply.status === 422)) {
      // The server shows both texts, or what is wrong, with everything that was typed.
      leaving = true;
      form.submit();
      return;
    }
    say(reply?.type === "opaqueredirect" || reply?.status === 403 ? "signed_out" : "failing");
    later(WAITS_MS[Math.min(failures++, WAITS_MS.length - 1)]);
  }

  function settle(said, sent, ticks) {
    failures = 0;
    for (const key of ticks) storedOpened.add(key);
    for (const [field, value] of sent) {
      stored.set(field.name, value);
      const key = field.name.replace(/^text-/, "");
      const theirs = key === "pasted" ? said.pasted : said.texts[key];
      if (theirs === undefined) continue;
      const agreed = theirs === value || theirs === onOneLine(value);
      // What somebody else wrote meanwhile in a sentence that nobody touches here.
      const taken = !agreed && field.value === value && field !== document.activeElement;
      if (taken) {
        field.value = theirs;
        stored.set(field.name, theirs);
      }
      if (agreed || taken) form.elements[`was-${key}`].value = said.was[key];
    }
    draw(said.left);
    for (const one of document.querySelectorAll("[data-when]")) one.hidden = one.dataset.when !== said.state;
    for (const slot of form.querySelectorAll("[data-new]")) renew(slot);
    if (clean()) say("saved");
    else typed();
  }

  function draw(count) {
    left.textContent = count === 0 ? texts.left_none : count === 1 ? texts.left_one : texts.left_many.replace("COUNT", count);
  }

  /* A used slot stays where it is, and an empty one follows it. */
  function renew(slot) {
    const field = slot.querySelector("textarea");
    if (!field.value.trim()) return;
    const key = [...crypto.getRandomValues(new Uint8Array(16))].map((one) => one.toString(16).padStart(2, "0")).join("");
    const fresh = slot.cloneNode(true);
    const old = field.name.replace(/^text-/, "");
    for (const one of fresh.querySelectorAll("[name], [for]")) {
      if (one.name) one.name = one.name.replace(old, key);
      if (one.id) one.id = one.id.replace(old, key);
      if (one.htmlFor) one.htmlFor = one.htmlFor.replace(old, key);
    }
    fresh.querySelector("textarea").value = "";
    fresh.querySelector(`[name="was-${key}"]`).value = form.dataset.nothing;
    slot.removeAttribute("data-new");
    slot.after(fresh);
  }

  form.addEventListener("input", typed);
  form.addEventListener("change", typed);
  form.addEventListener("submit", () => (leaving = true));
  form.addEventListener("toggle", (event) => {
    const tick = event.target.open ? event.target.querySelector("[name=opened]") : null;
    if (tick && !tick.checked) {
      tick.checked = true;
      typed();
    }
  }, true);
  form.addEventListener("click", (event) => {
    const sentence = event.target.closest("[data-sentence]");
    const field = sentence?.querySelector("textarea");
    if (event.target.closest("[data-back]")) field.value = field.dataset.proposed;
    else if (event.target.closest("[data-take]")) field.value = sentence.querySelector("[data-other]").textContent;
    else return;
    field.focus();
    typed();
    drawBack(sentence);
  });
  document.addEventListener("keydown", (event) => {
    if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "s") {
      event.preventDefault();
      save();
    }
  });
  // Enter ends a sentence; it does not break one.
  form.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.matches(".sentence__text")) event.preventDefault();
  });
  addEventListener("beforeunload", (event) => {
    if (!leaving && (deciding || !clean())) event.preventDefault();
  });
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && save({ keepalive: true }));
  addEventListener("online", () => save());

  /* What a sentence stands on, beside it while it is pointed at or written in. */
  const evidence = document.getElementById("note-evidence");
  const show = (event) => {
    const sentence = event.target.closest?.("[data-sentence]");
    const sources = sentence?.querySelector(".note__sources");
    if (!sources || !evidence) return;
    evidence.hidden = false;
    evidence.querySelector("[data-evidence-text]").textContent = sentence.querySelector("textarea").value;
    evidence.querySelector("[data-evidence]").replaceChildren(sources.cloneNode(true));
  };
  form.addEventListener("pointerover", show);
  form.addEventListener("focusin", show);

  const drawBack = (sentence) => {
    const field = sentence.querySelector("textarea");
    const back = sentence.querySelector("[data-back]");
    sentence.classList.toggle("sentence--out", !field.value.trim());
    if (back) back.hidden = !field.dataset.proposed || field.value === field.dataset.proposed;
  };
  form.addEventListener("input", (event) => {
    const sentence = event.target.closest("[data-sentence]");
    if (sentence) drawBack(sentence);
  });
  for (const sentence of form.querySelectorAll("[data-sentence]")) drawBack(sentence);
  for (const one of form.querySelectorAll("[data-take]")) one.hidden = false;
  form.querySelector("[data-left-link]")?.addEventListener("click", (event) => {
    const next = [...form.querySelectorAll("[name=opened]")].find((one) => !one.checked)?.closest("[data-sentence]");
    if (!next) return;
    event.preventDefault();
    next.scrollIntoView({ block: "center" });
    next.querySelector("summary").focus();
  });

  /* When the model is done, the page shows it, unless somebody is writing. */
  if (document.querySelector("[data-wording]")) {
    const asked = setInterval(async () => {
      if (document.visibilityState !== "visible" || !clean() || busy) return;
      const reply = await fetch(form.action, { method: "POST", body: new FormData(form), headers: { Accept: "application/json" } }).catch(() => null);
      const said = reply?.ok ? await reply.json() : null;
      if (said && said.wording !== "asked") {
        clearInterval(asked);
        location.reload();
      }
    }, WORDING_MS);
  }

  form.querySelector("[data-save]").hidden = !deciding;
  form.dataset.ready = "";
  if (!deciding) say("ready");
  typed();
})();
