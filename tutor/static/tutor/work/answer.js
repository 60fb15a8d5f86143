/* One answer: what is typed, what the server has, and the way from one to the other.

   A save carries the revision that it builds upon. While its reply is missing the same save is repeated, word for word:
   the server answers a repeated save as it answered the first, so that a lost reply is no conflict. */
(() => {
  "use strict";
  const work = (window.tutorWork ??= {});
  const PAUSE_MS = 800;
  const LONGEST_PAUSE_MS = 5_000;
  const TIMEOUT_MS = 15_000;
  const WAITS_MS = [1_000, 2_000, 4_000, 8_000, 15_000, 30_000];
  // What a browser still sends for a page that is being left.
  const KEEPALIVE_BYTES = 60_000;

  const same = (one, other) =>
    one.text === other.text && one.choices.length === other.choices.length && one.choices.every((id) => other.choices.includes(id));

  class Answer {
    constructor(section, page) {
      this.section = section;
      this.page = page;
      this.id = section.dataset.answer;
      this.kind = section.dataset.kind;
      this.address = section.dataset.address;
      this.text = section.querySelector("[data-text]");
      this.unit = section.querySelector("[data-unit]");
      this.options = [...section.querySelectorAll("[data-options] input")];
      this.revisionField = section.querySelector("[data-revision]");
      this.savedAt = section.dataset.savedAt ? new Date(section.dataset.savedAt) : null;
      this.revision = Number(this.revisionField.value);
      // What came with the page: whoever was quick has typed before this ran.
      this.stored = this.content({ served: true });
      this.pending = null;
      this.conflict = null;
      this.problem = "";
      this.failures = 0;
      this.timer = 0;
      this.typedAt = 0;
      this.busy = false;
      this.refreshed = false;
      section.addEventListener("input", () => this.typed());
      section.addEventListener("change", () => this.typed());
      this.clear = section.querySelector("[data-clear]");
      this.clear?.addEventListener("click", () => {
        for (const option of this.options) option.checked = false;
        this.typed();
        this.options[0]?.focus();
      });
      work.conflicts(this);
      this.draw();
    }

    /* What the fields hold now, or held when the server sent them. */
    content({ served = false } = {}) {
      const [value, checked] = served ? ["defaultValue", "defaultChecked"] : ["value", "checked"];
      const text = [this.text, this.unit].map((field) => field?.[value].trim() ?? "").filter(Boolean).join(" ");
      return {
        text: (this.unit ? text : (this.text?.[value] ?? "")).normalize("NFC"),
        choices: this.options.filter((option) => option[checked]).map((option) => option.value),
      };
    }

    show(content) {
      if (this.unit) {
        const parts = /^\s*(\S*\d\S*)\s*(.*)$/s.exec(content.text);
        this.text.value = parts ? parts[1] : content.text;
        this.unit.value = parts ? parts[2] : "";
      } else if (this.text) this.text.value = content.text;
      for (const option of this.options) option.checked = content.choices.includes(option.value);
      this.draw();
    }

    get clean() {
      return !this.pending && !this.conflict && same(this.content(), this.stored);
    }

    /* Bring back what this device kept, unless somebody wrote elsewhere meanwhile; save what was typed so far. */
    async restore() {
      const draft = await this.page.drafts.get(this.id);
      const mine = draft && { text: String(draft.text ?? ""), choices: [...(draft.choices ?? [])] };
      const typed = !same(this.content(), this.stored);
      if (!mine || same(mine, this.stored)) {
        if (typed) this.typed();
        else if (mine) this.page.drafts.remove(this.id);
        return false;
      }
      if (!typed) this.show(mine);
      else if (!same(this.content(), mine)) {
        this.meet({ ...mine, revision: this.revision });
        return true;
      }
      const known = draft.base === this.revision || (draft.sent && same(draft.sent, this.stored));
      if (known) this.later(0);
      else this.meet({ ...this.stored, revision: this.revision });
      return true;
    }

    typed() {
      this.problem = "";
      this.section.querySelector("[data-refusal]").hidden = true;
      this.draw();
      if (same(this.content(), this.stored) && !this.pending && !this.conflict) {
        this.page.drafts.remove(this.id);
        clearTimeout(this.timer);
        this.typedAt = 0;
      } else {
        this.keep();
        this.typedAt ||= Date.now();
        const left = LONGEST_PAUSE_MS - (Date.now() - this.typedAt);
        if (!this.failures) this.later(Math.max(0, Math.min(PAUSE_MS, left)));
      }
      this.page.changed();
    }

    keep() {
      const { text, choices } = this.content();
      return this.page.drafts.put(this.id, { text, choices, base: this.revision, sent: this.pending });
    }

    later(wait) {
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.save(), wait);
    }

    /* Resolves when a save has ended; with one under way, when that one has. */
    async save({ leaving = false } = {}) {
      clearTimeout(this.timer);
      if (this.busy) return this.saving;
      if (this.conflict || this.page.over || this.clean) return;
      if (this.problem === "refused" && !this.pending) return;
      this.busy = true;
      await (this.saving = this.sendAndSettle(leaving));
    }

    async sendAndSettle(leaving) {
      this.typedAt = 0;
      this.pending ??= this.content();
      this.keep();
      this.page.changed();
      let reply = null;
      try {
        reply = await this.send(leaving);
      } catch {
        reply = null;
      }
      this.busy = false;
      await this.settle(reply);
      this.page.changed();
    }

    send(leaving) {
      const body = JSON.stringify({ ...this.pending, revision: this.revision });
      return fetch(this.address, {
        method: "POST",
        body,
        headers: { "Content-Type": "application/json", "X-CSRFToken": this.page.token() },
        // A page for signing in is no answer to a save.
        redirect: "manual",
        keepalive: leaving && body.length < KEEPALIVE_BYTES,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
    }

    async settle(reply) {
      const said = reply && reply.type !== "opaqueredirect" ? await reply.json().catch(() => null) : null;
      if (reply?.ok && said) {
        this.stored = this.pending;
        this.pending = null;
        this.rebase(said.revision);
        this.savedAt = new Date(said.saved_at);
        this.failures = 0;
        this.problem = "";
        this.refreshed = false;
        if (this.clean) this.page.drafts.remove(this.id);
        else this.later(PAUSE_MS);
        return;
      }
      if (reply?.status === 409 && said) {
        this.pending = null;
        this.failures = 0;
        this.meet({ text: said.text, choices: said.choices, revision: said.revision });
      } else if (reply?.status === 410 && said) {
        this.pending = null;
        this.page.end(said.code);
      } else if ((reply?.status === 422 || reply?.status === 413) && (said || reply.status === 413)) {
        this.pending = null;
        this.refuse(said?.message ?? "");
      } else {
        this.problem = reply?.type === "opaqueredirect" || reply?.status === 401 ? "signed_out" : reply ? "failing" : "offline";
        if ((reply?.status === 403 || this.problem === "signed_out") && !(await this.page.renew())) this.problem = "signed_out";
        // A fresh token is tried at once, but only once: the refusal may have another reason.
        const refreshed = reply?.status === 403 && this.problem !== "signed_out" && !this.refreshed;
        this.refreshed = refreshed;
        const wait = refreshed ? 0 : WAITS_MS[Math.min(this.failures, WAITS_MS.length - 1)];
        this.failures += 1;
        this.later(wait * (0.75 + Math.random() / 2));
      }
      this.keep();
    }

    rebase(revision) {
      this.revision = revision;
      this.revisionField.value = String(revision);
    }

    refuse(message) {
      this.problem = "refused";
      const place = this.section.querySelector("[data-refusal]");
      place.querySelector("span").textContent = message;
      place.hidden = false;
    }

    draw() {
      const counted = this.section.querySelector("[data-words]");
      if (counted) counted.textContent = this.page.wordsOf(this.text.value);
      if (this.clear) this.clear.hidden = !this.options.some((option) => option.checked);
    }
  }

  work.Answer = Answer;
  work.same = same;
})();
