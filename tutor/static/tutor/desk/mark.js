/* The marking form: what is chosen over the ghost, what it adds up to, keeping and undoing. */
(() => {
  "use strict";
  const desk = (window.tutorDesk ??= {});
  const { root, texts } = desk;
  if (!root) return;
  const DONE = "tutor.desk.done";
  const MOST_DONE = 50;
  const form = () => document.getElementById("mark-form");
  const numbers = new Intl.NumberFormat(document.documentElement.lang || undefined, { maximumFractionDigits: 2 });
  const reasons = document.getElementById("desk-reasons");
  const drafts = new Map();
  // Pages whose mark is given: a key that is pressed while the next one comes must not give it a second time.
  const given = new WeakSet();
  let before = "";

  const wording = (name, values) => Object.entries(values).reduce((text, [key, value]) => text.replace(key, () => value), texts[name]);

  function snapshot(found = form()) {
    const data = [];
    for (const [name, value] of new FormData(found)) if (/^(level-|points$|feedback$|drafted$|override_reason$)/.test(name)) data.push([name, value]);
    return data;
  }

  /* What came with the page: whoever was quick has entered something before this ran. */
  function served() {
    const copy = form().cloneNode(true);
    copy.reset();
    return snapshot(copy);
  }

  function restore(data) {
    const found = form();
    for (const radio of found.querySelectorAll("[type=radio]")) radio.checked = data.some(([name, value]) => name === radio.name && value === radio.value);
    for (const [name, value] of data) if (!name.startsWith("level-") && found.elements[name]) found.elements[name].value = value;
  }

  /* What the form says now. */
  function state() {
    const found = form();
    const points = found.elements.points;
    const result = { points: 0, complete: true, changed: false, chosen: false, proposed: Boolean(found.querySelector("[data-override]")) };
    if (points) {
      const text = points.value.trim().replace(",", ".");
      const ghost = points.dataset.ghost;
      result.chosen = text !== "";
      result.points = Number(text || ghost);
      result.complete = (text !== "" || ghost !== undefined) && Number.isFinite(result.points);
      result.changed = result.chosen && ghost !== undefined && Number(text) !== Number(ghost);
      return result;
    }
    for (const criterion of found.querySelectorAll("[data-criterion]")) {
      const chosen = criterion.querySelector(":checked");
      const ghost = criterion.querySelector("[data-ghost]");
      const counted = chosen ?? ghost;
      result.chosen ||= Boolean(chosen);
      result.complete &&= Boolean(counted);
      result.points += counted ? Number(counted.dataset.exact) : 0;
      result.changed ||= Boolean(chosen && ghost && chosen !== ghost);
    }
    return result;
  }

  function refresh() {
    const found = form();
    const now = state();
    const maximum = numbers.format(Number(found.dataset.maximum));
    const points = numbers.format(Math.round(now.points * 100) / 100);
    const untouched = Boolean(desk.panes().dataset.mark) && JSON.stringify(snapshot()) === before && !root.querySelector(".desk__refusal");
    const label = untouched
      ? texts.next
      : !now.complete
        ? found.elements.points
          ? texts.open_points
          : texts.open
        : wording(now.proposed && !now.changed ? "confirm" : "save", { POINTS: points, MAXIMUM: maximum });
    found.querySelector("[data-save-label]").textContent = label;
    found.querySelector("[data-save]").toggleAttribute("data-incomplete", !now.complete);
    const override = found.querySelector("[data-override]");
    override?.toggleAttribute("data-needed", now.changed || Boolean(found.elements.override_reason.value));
    const reset = found.querySelector("[data-reset]");
    reset.hidden = !(now.proposed && now.chosen && !desk.panes().dataset.mark);
    for (const chip of found.querySelectorAll("[data-chip]")) {
      chip.setAttribute("aria-pressed", String(found.elements.points.value.trim() !== "" && Number(found.elements.points.value.replace(",", ".")) === Number(chip.dataset.chip)));
    }
    const place = root.querySelector("[data-entered-points]");
    if (place) place.textContent = points;
    return { ...now, untouched };
  }

  desk.cycle = (number) => {
    const criterion = root.querySelector(`[data-criterion="${number}"]`);
    if (!criterion) return desk.choosePoints(number);
    const levels = [...criterion.querySelectorAll("[type=radio]")];
    const now = criterion.querySelector(":checked") ?? criterion.querySelector("[data-ghost]");
    const best = levels.reduce((one, other) => (Number(other.dataset.exact) > Number(one.dataset.exact) ? other : one));
    const next = now ? levels[(levels.indexOf(now) + 1) % levels.length] : best;
    next.checked = true;
    refresh();
    desk.say(next.closest(".level").querySelector(".level__label").textContent);
  };
  desk.choosePoints = (number) => {
    const points = form()?.elements.points;
    if (!points) return;
    if (form().querySelector(`[data-chip="${number}"]`)) {
      points.value = String(number);
      refresh();
      desk.say(points.value);
    } else {
      points.focus();
      points.select();
    }
  };

  desk.keep = () => {
    const panes = desk.panes();
    if (given.has(panes)) return;
    const now = refresh();
    if (now.untouched) return void (desk.step("next") || desk.toast(texts.no_next));
    if (desk.outbox.has(panes.dataset.answer)) return desk.toast(texts.waiting);
    if (!panes.querySelector("[data-lock-banner]").hidden) return desk.toast(panes.querySelector("[data-lock-banner] p").textContent);
    if (!now.complete) {
      desk.toast(form().elements.points ? texts.open_points : texts.open);
      desk.showPane("mark");
      const open = [...form().querySelectorAll("[data-criterion]")].find((one) => !one.querySelector(":checked, [data-ghost]"));
      (open?.querySelector("[type=radio]") ?? form().elements.points)?.focus();
      return;
    }
    if (now.changed && !form().elements.override_reason.value) return askReason(true);
    const fields = [...new FormData(form())].filter(([name]) => name !== "client_id" && name !== "csrfmiddlewaretoken");
    const id = desk.newId();
    given.add(panes);
    drafts.delete(panes.dataset.answer);
    before = JSON.stringify(snapshot());
    desk.outbox.add({
      id,
      answer: panes.dataset.answer,
      pseudonym: panes.dataset.pseudonym,
      here: panes.dataset.here,
      url: form().action,
      fields: [...fields, ["client_id", id]],
    });
    if (!desk.step("next")) desk.toast(texts.no_next);
  };

  let thenKeep = false;
  function askReason(keeping) {
    thenKeep = keeping;
    reasons.showModal();
    reasons.querySelector("[data-reason]").focus();
  }
  desk.override = () => {
    if (!form().querySelector("[data-override]")) return;
    if (state().changed) askReason(true);
    else {
      desk.showPane("mark");
      form().querySelector("[type=radio], [name=points]")?.focus();
      desk.toast(texts.overriding);
    }
  };
  reasons.addEventListener("click", (event) => {
    const chosen = event.target.closest("[data-reason]");
    if (!chosen) return;
    form().elements.override_reason.value = chosen.dataset.reason;
    reasons.close();
    refresh();
    if (thenKeep) desk.keep();
  });

  const done = {
    read() {
      try {
        return JSON.parse(sessionStorage.getItem(DONE) ?? "[]");
      } catch {
        return [];
      }
    },
    write(all) {
      try {
        sessionStorage.setItem(DONE, JSON.stringify(all.slice(-MOST_DONE)));
      } catch {
        // Then what was marked before this page was opened cannot be undone by a key.
      }
    },
  };
  let marks = done.read();
  document.addEventListener("desk:kept", ({ detail }) => {
    if (detail.withdraw) marks.push({ withdraw: detail.withdraw, here: detail.entry.here, answer: detail.entry.answer });
    done.write(marks);
    desk.say(wording("saved", { NAME: detail.entry.pseudonym, POINTS: detail.shown ?? detail.points }));
  });
  desk.undo = async () => {
    const unsent = desk.outbox.takeBack();
    if (unsent) {
      desk.toast(texts.undone);
      return desk.load(unsent.here, { fresh: true });
    }
    await desk.outbox.settled(3000);
    const last = marks.pop();
    if (!last) return desk.toast(texts.nothing_to_undo);
    try {
      const reply = await desk.post(last.withdraw, {}, { Accept: "application/json" });
      const said = reply.ok ? texts.undone : ((await reply.json().catch(() => ({}))).message ?? texts.failed);
      desk.toast(said);
    } catch {
      marks.push(last);
      return desk.toast(texts.offline);
    } finally {
      done.write(marks);
    }
    desk.forget(last.answer);
    desk.load(last.here, { fresh: true });
  };

  /* Forms beside the mark: done without leaving, and without losing what is entered. */
  document.addEventListener("submit", async (event) => {
    const sent = event.target;
    if (!root.contains(sent)) return;
    if (sent === form()) {
      event.preventDefault();
      return desk.keep();
    }
    if (!sent.matches("[data-quiet]")) return;
    event.preventDefault();
    const withdrawing = sent.id === "withdraw-form";
    try {
      const reply = await desk.post(sent.action, [...new FormData(sent)], { Accept: "application/json" });
      if (!reply.ok) return desk.toast((await reply.json().catch(() => ({}))).message ?? texts.failed);
    } catch {
      return desk.toast(texts.failed);
    }
    if (withdrawing) before = JSON.stringify(snapshot());
    desk.forget(desk.panes().dataset.answer);
    desk.reload();
  });

  root.addEventListener("click", (event) => {
    if (event.target.closest("[data-reset]")) {
      for (const radio of form().querySelectorAll("[type=radio]")) radio.checked = false;
      if (form().elements.points) form().elements.points.value = "";
      if (form().elements.override_reason) form().elements.override_reason.value = "";
      refresh();
    }
    const chip = event.target.closest("[data-chip]");
    if (chip) desk.choosePoints(chip.dataset.chip);
    const taken = event.target.closest("[data-use-levels]");
    if (taken) {
      const levels = new Set(taken.dataset.useLevels.split(";"));
      for (const radio of form().querySelectorAll("[type=radio]")) radio.checked = levels.has(`${radio.name.slice("level-".length)}=${radio.value}`);
      if (form().elements.points) form().elements.points.value = taken.dataset.usePoints;
      // Its words come along, unless the moderator has written some.
      const words = form().elements.feedback;
      const given = [...root.querySelectorAll("[data-use-feedback]")].map((one) => one.dataset.useFeedback);
      if (["", ...given].includes(words.value.trim())) words.value = taken.dataset.useFeedback;
      refresh();
    }
  });
  root.addEventListener("input", (event) => {
    if (!form()?.contains(event.target)) return;
    refresh();
  });
  root.addEventListener("change", (event) => form()?.contains(event.target) && refresh());
  // The evidence of the criterion that is looked at stands out in the answer.
  const point = (event) => {
    const number = event.type.endsWith("over") || event.type === "focusin" ? event.target.closest("[data-criterion]")?.dataset.criterion : undefined;
    for (const mark of root.querySelectorAll("mark[data-criteria]")) mark.classList.toggle("is-pointed", number !== undefined && mark.dataset.criteria.split(" ").includes(number));
  };
  for (const name of ["pointerover", "pointerout", "focusin", "focusout"]) root.addEventListener(name, point);

  document.addEventListener("desk:leaving", () => {
    const panes = desk.panes();
    if (!form()) return;
    const now = snapshot();
    if (JSON.stringify(now) !== before && !desk.outbox.has(panes.dataset.answer)) drafts.set(panes.dataset.answer, { now, mark: panes.dataset.mark });
  });
  document.addEventListener("desk:shown", () => {
    const panes = desk.panes();
    for (const one of root.querySelectorAll("[data-use-levels]")) one.hidden = false;
    before = JSON.stringify(served());
    const entered = drafts.get(panes.dataset.answer);
    // What was entered over a mark that is not there any more would be kept in another's place.
    if (entered && entered.mark === panes.dataset.mark && !root.querySelector(".desk__refusal")) restore(entered.now);
    drafts.delete(panes.dataset.answer);
    refresh();
  });
})();
