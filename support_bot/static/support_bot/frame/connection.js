/* Talking to the platform: the visitor's token, requests, and streams that survive a lost line. */
(() => {
  "use strict";
  const chat = (window.llmasosChat ??= {});
  const TERMINAL = new Set(["done", "abstained", "handed_over", "cancelled", "failed"]);
  const SILENCE_MS = 25_000;
  const WAITS_MS = [300, 1000, 2000, 4000, 8000];

  class Problem extends Error {
    constructor(status, body, retryAfter) {
      super(body?.detail || body?.title || "");
      this.status = status;
      this.body = body;
      this.retryAfter = retryAfter;
    }
  }

  /* Browsers may refuse storage inside a frame of another site; the conversation then lasts
     as long as the page. */
  class Token {
    constructor(site) {
      this.name = `llmasos.visitor.${site}`;
      this.value = null;
      try {
        this.value = localStorage.getItem(this.name);
      } catch {
        this.value = null;
      }
    }

    set(value) {
      this.value = value;
      try {
        if (value) localStorage.setItem(this.name, value);
        else localStorage.removeItem(this.name);
      } catch {
        /* kept in memory only */
      }
    }
  }

  class Connection {
    constructor({ base, site, language }) {
      this.base = base;
      this.language = language;
      this.token = new Token(site);
    }

    headers(extra = {}) {
      const headers = { "Accept-Language": this.language, ...extra };
      if (this.token.value) headers.Authorization = `Visitor ${this.token.value}`;
      return headers;
    }

    async request(method, path, body) {
      const options = { method, credentials: "omit", headers: this.headers() };
      if (method !== "GET") {
        options.headers["Content-Type"] = "application/json";
        options.body = JSON.stringify(body ?? {});
      }
      const response = await fetch(this.base + path, options);
      if (response.ok) return response.status === 204 ? null : response.json();
      throw await problemOf(response);
    }

    /* A visitor exists from the first message on, not from the first look. */
    async ensureSession() {
      if (this.token.value) return;
      const made = await this.request("POST", "session");
      this.token.set(made.token);
    }

    async send(text, clientId) {
      await this.ensureSession();
      const body = { client_id: clientId, text };
      try {
        return await this.request("POST", "messages", body);
      } catch (problem) {
        if (problem.status !== 401) throw problem;
        this.token.set(null);
        await this.ensureSession();
        return this.request("POST", "messages", body);
      }
    }

    /* Calls `receive(event, data)` for each event up to the terminal one, reconnecting where
       the stream was left. Throws when the line stays dead. */
    async follow(run, receive, signal) {
      let lastId = "";
      let failures = 0;
      for (;;) {
        try {
          for await (const event of this.open(run, lastId, signal)) {
            failures = 0;
            if (event.id) lastId = event.id;
            if (event.name === "keepalive") continue;
            receive(event.name, event.data);
            if (TERMINAL.has(event.name)) return;
          }
        } catch (problem) {
          if (signal?.aborted) throw problem;
          if (problem.status && problem.status < 500 && problem.status !== 429) throw problem;
        }
        if (failures >= WAITS_MS.length) throw new Problem(0, null);
        await pause(WAITS_MS[failures++]);
      }
    }

    async *open(run, lastId, signal) {
      const silence = new AbortController();
      const stop = () => silence.abort();
      signal?.addEventListener("abort", stop);
      let timer = setTimeout(stop, SILENCE_MS);
      try {
        const headers = this.headers(lastId ? { "Last-Event-ID": lastId } : {});
        const response = await fetch(`${this.base}runs/${encodeURIComponent(run)}/events`, {
          headers,
          credentials: "omit",
          cache: "no-store",
          signal: silence.signal,
        });
        if (!response.ok) throw await problemOf(response);
        const reader = response.body.getReader();
        const decoder = new TextDecoder();
        let rest = "";
        for (;;) {
          const { value, done } = await reader.read();
          if (done) return;
          clearTimeout(timer);
          timer = setTimeout(stop, SILENCE_MS);
          rest += decoder.decode(value, { stream: true });
          const blocks = rest.split("\n\n");
          rest = blocks.pop();
          for (const block of blocks) {
            const event = parseEvent(block);
            if (event) yield event;
          }
        }
      } finally {
        clearTimeout(timer);
        silence.abort();
        signal?.removeEventListener("abort", stop);
      }
    }
  }

  function parseEvent(block) {
    const event = { id: "", name: "message", data: null };
    let data = "";
    for (const line of block.split("\n")) {
      const colon = line.indexOf(":");
      if (colon < 1) continue;
      const value = line.slice(colon + 1).replace(/^ /, "");
      const field = line.slice(0, colon);
      if (field === "id") event.id = value;
      else if (field === "event") event.name = value;
      else if (field === "data") data += value;
    }
    if (!data) return null;
    event.data = JSON.parse(data);
    return event;
  }

  async function problemOf(response) {
    let body = null;
    try {
      body = await response.json();
    } catch {
      body = null;
    }
    return new Problem(response.status, body, Number(response.headers.get("Retry-After")) || 0);
  }

  function pause(milliseconds) {
    return new Promise((resume) => setTimeout(resume, milliseconds));
  }

  /* crypto.randomUUID exists on https and localhost only. */
  function newId() {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  }

  Object.assign(chat, { Connection, Problem, TERMINAL, newId });
})();
