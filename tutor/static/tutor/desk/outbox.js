/* Marks on their way: each is sent until the server has said yes or no, whatever the connection does meanwhile. */
(() => {
  "use strict";
  const desk = (window.tutorDesk ??= {});
  const STORE = "draft.tutor.desk.marks";
  const FIRST_WAIT_MS = 1000;
  const LONGEST_WAIT_MS = 30000;
  const root = document.getElementById("desk");
  if (!root) return;

  const texts = {};
  for (const name of document.querySelectorAll("#desk-texts dt")) texts[name.textContent] = name.nextElementSibling.textContent;
  desk.texts = texts;
  desk.root = root;
  desk.toast = (text) => document.dispatchEvent(new CustomEvent("toast", { detail: { text } }));
  desk.say = (text) => (document.getElementById("desk-says").textContent = text);
  desk.panes = () => root.querySelector(".desk__panes");
  desk.token = () => root.querySelector("[name=csrfmiddlewaretoken]").value;
  desk.newId = () => {
    // crypto.randomUUID needs a secure address, which a school's own server may not have.
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((one) => one.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };
  desk.post = (url, fields, headers = {}) =>
    fetch(url, {
      method: "POST",
      body: new URLSearchParams(fields),
      headers: { "X-CSRFToken": desk.token(), ...headers },
      redirect: "manual",
    });

  const kept = {
    read() {
      try {
        return JSON.parse(sessionStorage.getItem(STORE) ?? "[]");
      } catch {
        return [];
      }
    },
    write(entries) {
      try {
        if (entries.length) sessionStorage.setItem(STORE, JSON.stringify(entries));
        else sessionStorage.removeItem(STORE);
      } catch {
        // A browser that keeps nothing still has them in this page.
      }
    },
  };

  let entries = kept.read();
  const refused = new Map();
  let sending = null;
  let failures = 0;
  let timer = 0;
  let problem = "";

  const outbox = {
    /* entry: {id, answer, pseudonym, here, url, fields} */
    add(entry) {
      entries.push(entry);
      kept.write(entries);
      refused.delete(entry.answer);
      outbox.flush();
      show();
    },
    has: (answer) => entries.some((one) => one.answer === answer),
    refusal: (answer) => refused.get(answer),
    look(answer) {
      refused.delete(answer);
      show();
    },
    /* Take back the latest that is not on its way yet. */
    takeBack() {
      const last = entries.at(-1);
      if (!last || last === sending) return null;
      entries.pop();
      kept.write(entries);
      show();
      return last;
    },
    /* Resolves when nothing is on its way, or after a while. */
    async settled(longest) {
      const until = Date.now() + longest;
      while (entries.length && !problem && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
    },
    async flush() {
      clearTimeout(timer);
      while (entries.length && !sending) {
        sending = entries[0];
        const outcome = await send(sending);
        const entry = sending;
        sending = null;
        if (outcome === "later") {
          failures += 1;
          timer = setTimeout(outbox.flush, Math.min(FIRST_WAIT_MS * 2 ** (failures - 1), LONGEST_WAIT_MS));
          show();
          return;
        }
        failures = 0;
        problem = "";
        entries = entries.filter((one) => one !== entry);
        kept.write(entries);
        show();
        document.dispatchEvent(new CustomEvent(outcome.mark ? "desk:kept" : "desk:refused", { detail: { entry, ...outcome } }));
      }
    },
  };
  desk.outbox = outbox;

  async function send(entry, renewed = false) {
    let reply;
    try {
      reply = await desk.post(entry.url, entry.fields, { "X-Desk": "1" });
    } catch {
      problem = "offline";
      return "later";
    }
    if (reply.type === "opaqueredirect" || reply.status === 401) {
      problem = "signed_out";
      await renew();
      return "later";
    }
    if (reply.status === 403 && !renewed) {
      // Signing in again in another tab makes this page's token an old one.
      await renew();
      return send(entry, true);
    }
    if (reply.status === 429 || reply.status >= 500) {
      problem = "waiting";
      return "later";
    }
    if (reply.ok) return reply.json();
    const html = reply.headers.get("Content-Type")?.startsWith("text/html") ? await reply.text() : "";
    refused.set(entry.answer, { html: html.includes("desk__panes") ? html : "", entry });
    return {};
  }

  async function renew() {
    try {
      const reply = await fetch(location.href, { redirect: "manual", headers: { Accept: "text/html" } });
      if (!reply.ok) return;
      const fresh = new DOMParser().parseFromString(await reply.text(), "text/html").querySelector("#desk [name=csrfmiddlewaretoken]");
      if (fresh) for (const field of document.querySelectorAll("[name=csrfmiddlewaretoken]")) field.value = fresh.value;
    } catch {
      // Still without a connection.
    }
  }

  function notice(text, ...buttons) {
    const place = document.createElement("div");
    place.className = "notice notice--caution";
    const icon = root.querySelector(".icon").cloneNode(true);
    icon.querySelector("use").setAttribute("href", icon.querySelector("use").getAttribute("href").replace(/#.*/, "#caution"));
    const words = document.createElement("div");
    words.className = "cluster";
    const said = document.createElement("p");
    said.textContent = text;
    words.append(said, ...buttons);
    place.append(icon, words);
    return place;
  }

  function button(text, act) {
    const made = document.createElement("button");
    made.type = "button";
    made.className = "linklike";
    made.textContent = text;
    made.addEventListener("click", act);
    return made;
  }

  function show() {
    const place = document.getElementById("desk-alerts");
    const found = [];
    if (entries.length && problem) {
      const names = entries.map((one) => one.pseudonym).join(", ");
      found.push(notice(`${texts[problem]} ${names}`, button(texts.retry, () => outbox.flush())));
    }
    for (const [answer, { entry }] of refused) {
      if (answer === desk.panes()?.dataset.answer) continue;
      found.push(
        notice(
          texts.refused.replace("NAME", entry.pseudonym),
          button(texts.look, () => desk.load(entry.here, { fresh: true })),
        ),
      );
    }
    place.replaceChildren(...found);
    document.body.dataset.marksWaiting = String(entries.length);
  }
  desk.showAlerts = show;

  addEventListener("online", () => {
    failures = 0;
    outbox.flush();
  });
  addEventListener("beforeunload", (event) => {
    if (entries.length) event.preventDefault();
  });
  // What an earlier page of this window could not send.
  queueMicrotask(() => outbox.flush());
})();
