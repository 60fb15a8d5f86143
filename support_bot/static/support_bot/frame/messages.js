/* The elements of a conversation. Data enters the page as text only, never as markup. */
(() => {
  "use strict";
  const chat = (window.llmasosChat ??= {});

  function element(name, attributes = {}, ...children) {
    const made = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) {
      if (value === true) made.setAttribute(key, "");
      else if (value !== false && value != null) made.setAttribute(key, value);
    }
    made.append(...children.filter((child) => child != null));
    return made;
  }

  function button(label, action, attributes = {}) {
    const made = element("button", { type: "button", ...attributes }, label);
    made.addEventListener("click", action);
    return made;
  }

  function icon(name) {
    const template = document.getElementById(`icon-${name}`);
    return template.content.firstElementChild.cloneNode(true);
  }

  function fill(text, values) {
    return text.replace(/\{(\w+)\}/g, (whole, key) => values[key] ?? whole);
  }

  function time(iso, language) {
    const date = iso ? new Date(iso) : new Date();
    const today = date.toDateString() === new Date().toDateString();
    const shape = today ? { timeStyle: "short" } : { dateStyle: "medium", timeStyle: "short" };
    return element("time", { datetime: date.toISOString() }, new Intl.DateTimeFormat(language, shape).format(date));
  }

  /* What the visitor wrote, with its delivery state underneath. */
  class VisitorMessage {
    constructor(ui, { text, created }) {
      this.ui = ui;
      this.note = element("p", { class: "note" });
      this.root = element(
        "article",
        { class: "message visitor" },
        element("h2", { class: "hidden" }, ui.texts.you),
        element("div", { class: "bubble" }, text),
        this.note,
      );
      this.note.append(time(created, ui.language));
    }

    sending() {
      this.root.classList.remove("unsent");
      this.note.replaceChildren(this.ui.texts.sending);
    }

    sent() {
      this.root.classList.remove("unsent");
      this.note.replaceChildren(time(null, this.ui.language));
    }

    unsent(reason, again) {
      this.root.classList.add("unsent");
      this.note.replaceChildren(icon("warning"), `${reason} `, button(this.ui.texts.tryAgain, again, { class: "link" }));
    }
  }

  /* What the assistant answers: quotations first, then checked sentences with citations. */
  class AssistantMessage {
    constructor(ui) {
      this.ui = ui;
      this.bubble = element("div", { class: "bubble" });
      this.foot = element("div", { class: "foot" });
      this.root = element(
        "article",
        { class: "message assistant" },
        element("h2", { class: "hidden" }, ui.texts.assistant),
        this.bubble,
        this.foot,
      );
      this.clear();
    }

    clear() {
      this.passages = new Map();
      this.spoken = [];
      this.paragraph = null;
      this.foot.replaceChildren();
      this.bubble.replaceChildren();
    }

    waiting() {
      this.root.classList.add("streaming");
      if (this.bubble.childElementCount) return;
      const dots = element("span", { class: "typing", role: "img", "aria-label": this.ui.texts.typing });
      dots.append(element("i"), element("i"), element("i"));
      this.bubble.append(dots);
    }

    begin() {
      this.bubble.querySelector(".typing")?.remove();
    }

    evidence(passages) {
      this.passages = new Map((passages ?? []).map((passage) => [Number(passage.n), passage]));
    }

    quote(sentences) {
      this.begin();
      const groups = new Map();
      for (const { text, n } of sentences ?? []) groups.set(n, [...(groups.get(n) ?? []), text]);
      for (const [n, texts] of groups) {
        const passage = this.passages.get(Number(n));
        const block = element("blockquote", {}, element("p", {}, texts.join(" ")));
        if (passage) {
          const label = [passage.title, passage.heading].filter(Boolean).join(" › ");
          block.append(button(label, () => this.ui.openPassage(passage), {
            class: "source",
            "aria-label": fill(this.ui.texts.openSource, { n, title: label }),
          }));
        }
        this.bubble.append(block);
        this.spoken.push(...texts);
      }
    }

    sentence(text, citations) {
      this.begin();
      if (!this.paragraph) {
        this.paragraph = element("p");
        this.bubble.append(this.paragraph);
      }
      const part = element("span", { class: "sentence" }, `${text} `);
      for (const n of citations ?? []) {
        const passage = this.passages.get(Number(n));
        if (!passage) continue;
        part.append(button(String(n), () => this.ui.openPassage(passage), {
          class: "cite",
          "aria-label": fill(this.ui.texts.openSource, { n, title: passage.title }),
        }), " ");
      }
      this.paragraph.append(part);
      this.spoken.push(text);
    }

    /* Words of the assistant itself: a question back, or that it does not know. */
    say(text) {
      this.begin();
      this.bubble.append(element("p", {}, text));
      this.spoken.push(text);
    }

    finish() {
      this.begin();
      this.root.classList.remove("streaming");
    }

    stopped() {
      this.finish();
      this.bubble.append(element("p", { class: "aside" }, this.ui.texts.stopped));
    }

    failed(reason, again) {
      this.finish();
      const line = element("p", { class: "aside failed" }, icon("warning"), `${reason} `);
      line.append(button(this.ui.texts.tryAgain, again, { class: "link" }));
      this.bubble.append(line);
    }

    thumbs(given, rate) {
      const group = element("div", { class: "thumbs", role: "group", "aria-label": this.ui.texts.rate });
      const make = (value, label, name) => {
        const thumb = button(icon(name), () => rate(value, group), {
          class: "thumb", "aria-label": label, "aria-pressed": String(given === value), "data-value": value,
        });
        return thumb;
      };
      group.append(make(1, this.ui.texts.helpful, "up"), make(-1, this.ui.texts.unhelpful, "down"));
      this.foot.replaceChildren(group);
    }

    get words() {
      return this.spoken.join(" ");
    }
  }

  /* The passage an answer stands on, in a dialog of its own; closing returns the focus. */
  class PassageDialog {
    constructor(root) {
      this.root = root;
      this.title = root.querySelector("h2");
      this.heading = root.querySelector(".heading");
      this.text = root.querySelector(".text");
      this.link = root.querySelector("a");
      root.querySelector("button").addEventListener("click", () => root.close());
      root.addEventListener("click", (event) => {
        if (event.target === root) root.close();
      });
    }

    open({ title, heading, text, url }) {
      this.title.textContent = title;
      this.heading.textContent = heading ?? "";
      this.heading.hidden = !heading;
      this.text.textContent = text;
      const address = webAddress(url);
      this.link.hidden = !address;
      if (address) this.link.href = address;
      else this.link.removeAttribute("href");
      this.root.showModal();
      this.text.scrollTop = 0;
    }
  }

  function webAddress(url) {
    if (!url) return null;
    try {
      const address = new URL(url, location.origin);
      return ["https:", "http:"].includes(address.protocol) ? address.href : null;
    } catch {
      return null;
    }
  }

  Object.assign(chat, { VisitorMessage, AssistantMessage, PassageDialog, fill });
})();
