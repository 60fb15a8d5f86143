/* The conversation in the widget's frame. */
(() => {
  "use strict";
  const { Connection, Problem, VisitorMessage, AssistantMessage, PassageDialog, newId, fill } = window.llmasosChat;
  const body = document.body;
  const texts = JSON.parse(document.getElementById("texts").textContent);
  const language = document.documentElement.lang;
  const hostOrigin = body.dataset.hostOrigin;
  const log = document.getElementById("log");
  const status = document.getElementById("status");
  const notice = document.getElementById("notice");
  const form = document.getElementById("composer");
  const input = document.getElementById("text");
  const sendButton = document.getElementById("send");
  const stopButton = document.getElementById("stop");
  const dialog = new PassageDialog(document.getElementById("passage"));
  const connection = new Connection({ base: body.dataset.base, site: body.dataset.site, language });
  const ui = { texts, language, openPassage: (passage) => dialog.open(passage) };
  let running = null;

  document.documentElement.style.setProperty("--accent", body.dataset.accent);
  document.documentElement.style.setProperty("--accent-ink", body.dataset.accentInk);

  /* --- the page that embeds us --- */

  function tellHost(type) {
    if (hostOrigin && parent !== window) parent.postMessage({ source: "llmasos-frame", type }, hostOrigin);
  }

  addEventListener("message", (event) => {
    if (event.source !== parent || event.origin !== hostOrigin) return;
    if (event.data?.source === "llmasos-host" && event.data.type === "open") input.focus();
  });
  document.getElementById("close").hidden = parent === window;
  document.getElementById("close").addEventListener("click", () => tellHost("close"));
  addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || event.defaultPrevented || dialog.root.open) return;
    tellHost("close");
  });

  /* --- showing --- */

  function show(message) {
    log.append(message.root);
    scroll(true);
  }

  /* Follow the answer only while the reader is at the end already. */
  function scroll(force = false) {
    const near = log.scrollHeight - log.scrollTop - log.clientHeight < 120;
    if (force || near) log.scrollTop = log.scrollHeight;
  }

  function announce(text) {
    status.textContent = "";
    setTimeout(() => { status.textContent = text; }, 60);
  }

  function warn(text) {
    notice.textContent = text;
    notice.hidden = !text;
  }

  function busy(on) {
    log.setAttribute("aria-busy", String(on));
    stopButton.hidden = !on;
    sendButton.hidden = on;
  }

  function reason(problem) {
    if (problem instanceof Problem && problem.status) {
      if (problem.status === 429 && problem.retryAfter) {
        return fill(texts.tooMany, { seconds: problem.retryAfter });
      }
      return problem.message || texts.failed;
    }
    return navigator.onLine === false ? texts.offline : texts.unreachable;
  }

  /* --- asking --- */

  async function ask(text) {
    const clientId = newId();
    const message = new VisitorMessage(ui, { text });
    show(message);
    await deliver(message, text, clientId);
  }

  /* Sending again uses the same id, so that a message whose answer got lost is stored once. */
  async function deliver(message, text, clientId) {
    if (running) return;
    running = { cancelled: false };
    message.sending();
    busy(true);
    let stored;
    try {
      stored = await connection.send(text, clientId);
    } catch (problem) {
      running = null;
      busy(false);
      message.unsent(reason(problem), () => deliver(message, text, clientId));
      announce(`${texts.notSent} ${reason(problem)}`);
      return;
    }
    message.sent();
    const answer = new AssistantMessage(ui);
    show(answer);
    await follow(answer, stored.answer);
  }

  async function follow(answer, { id, run, problem }) {
    const wantsStop = running?.cancelled;
    running = { id, run, cancelled: false, abort: new AbortController() };
    answer.clear();
    if (!run) {
      running = null;
      busy(false);
      answer.failed(problem || texts.failed, () => retry(answer, id));
      announce(problem || texts.failed);
      return;
    }
    answer.waiting();
    busy(true);
    scroll(true);
    if (wantsStop) stop();
    try {
      await connection.follow(run, (name, data) => receive(answer, id, name, data), running.abort.signal);
    } catch (problem) {
      answer.failed(reason(problem), () => follow(answer, { id, run }));
      announce(reason(problem));
    }
    running = null;
    busy(false);
    scroll();
  }

  function receive(answer, id, name, data) {
    if (name === "evidence") answer.evidence(data.passages);
    else if (name === "quote") answer.quote(data.sentences);
    else if (name === "sentence") answer.sentence(data.text, data.citations);
    else if (name === "failed") {
      answer.failed(texts.failed, () => retry(answer, id));
      announce(texts.failed);
    } else if (name === "cancelled") {
      answer.stopped();
      announce(texts.stopped);
    } else if (["done", "abstained", "handed_over"].includes(name)) {
      if (!answer.words && data.text) answer.say(data.text);
      complete(answer, id, 0);
      announce(`${texts.assistant}: ${answer.words}`);
    }
    scroll();
  }

  function complete(answer, id, given) {
    answer.finish();
    answer.thumbs(given, (value, group) => rate(id, value, group));
  }

  async function retry(answer, id) {
    if (running) return;
    running = { cancelled: false };
    answer.clear();
    answer.waiting();
    busy(true);
    input.focus();
    try {
      const restarted = await connection.request("POST", "retry", { message: id });
      await follow(answer, restarted.answer);
    } catch (problem) {
      running = null;
      busy(false);
      answer.failed(reason(problem), () => retry(answer, id));
    }
  }

  async function stop() {
    if (!running) return;
    running.cancelled = true;
    input.focus();
    if (!running.run) return;
    try {
      await connection.request("POST", `runs/${encodeURIComponent(running.run)}/cancel`);
    } catch (problem) {
      warn(reason(problem));
    }
  }

  async function rate(id, value, group) {
    const pressed = group.querySelector('[aria-pressed="true"]');
    const next = pressed && Number(pressed.dataset.value) === value ? 0 : value;
    try {
      await connection.request("POST", `messages/${encodeURIComponent(id)}/feedback`, { value: next });
    } catch (problem) {
      warn(reason(problem));
      return;
    }
    for (const thumb of group.children) {
      thumb.setAttribute("aria-pressed", String(next !== 0 && Number(thumb.dataset.value) === next));
    }
    announce(next ? texts.thanks : texts.ratingRemoved);
  }

  /* --- coming back --- */

  async function restore() {
    if (!connection.token.value) return;
    let history;
    try {
      history = await connection.request("GET", "conversation");
    } catch (problem) {
      if (problem.status === 401) connection.token.set(null);
      else warn(reason(problem));
      return;
    }
    let unfinished = null;
    for (const stored of history.messages) {
      if (stored.role === "visitor") {
        show(new VisitorMessage(ui, stored));
        continue;
      }
      const answer = new AssistantMessage(ui);
      show(answer);
      if (stored.state === "pending" && stored.run) {
        unfinished = { answer, stored };
        continue;
      }
      redraw(answer, stored);
    }
    scroll(true);
    /* Not awaited: the chat is ready while the answer still arrives. */
    if (unfinished) follow(unfinished.answer, unfinished.stored);
  }

  function redraw(answer, stored) {
    answer.evidence(stored.passages);
    answer.quote(stored.quote);
    for (const { text, citations } of stored.sentences ?? []) answer.sentence(text, citations);
    if (!answer.words && stored.text) answer.say(stored.text);
    if (stored.state === "cancelled") answer.stopped();
    else if (stored.state === "complete") complete(answer, stored.id, stored.feedback);
    else answer.failed(texts.failed, () => retry(answer, stored.id));
  }

  /* --- the composer --- */

  function submit() {
    const text = input.value.trim();
    if (!text || running) return;
    warn("");
    input.value = "";
    grow();
    ask(text);
  }

  function grow() {
    input.style.height = "auto";
    input.style.height = `${Math.min(input.scrollHeight, 132)}px`;
  }

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
    input.focus();
  });
  input.addEventListener("input", grow);
  input.addEventListener("keydown", (event) => {
    /* Enter that confirms a candidate of an input method is not meant for us. */
    if (event.key !== "Enter" || event.shiftKey || event.isComposing || event.keyCode === 229) return;
    event.preventDefault();
    submit();
  });
  stopButton.addEventListener("click", stop);
  /* The token travels in the body of a post: no address and no cookie holds it. */
  document.getElementById("my-data").addEventListener("submit", (event) => {
    event.target.elements.token.value = connection.token.value ?? "";
    if (connection.token.value) return;
    event.preventDefault();
    warn(texts.nothingStored);
  });
  addEventListener("offline", () => warn(texts.offline));
  addEventListener("online", () => warn(""));

  // What was typed before this ran stands in the field; sent before, it would have been lost.
  grow();
  sendButton.disabled = false;
  restore().finally(() => {
    body.dataset.ready = "true";
    tellHost("ready");
  });
})();
