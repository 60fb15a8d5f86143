/* One answer at a time: the next one is fetched while this one is read, and the address keeps step. */
(() => {
  "use strict";
  const desk = (window.tutorDesk ??= {});
  const { root, texts } = desk;
  if (!root) return;
  const FRESH_MS = 60000;
  const LOCK_AGAIN_MS = 60000;
  const SETTLE_MS = 600;
  const pages = new Map();
  let wanted = "";

  const same = (address) => {
    const url = new URL(address, location.href);
    return url.pathname + url.search;
  };

  function fetchPage(address) {
    const promise = fetch(address, { headers: { "X-Desk": "1" }, redirect: "manual", cache: "no-store" }).then(async (reply) => {
      if (reply.type === "opaqueredirect" || reply.status === 401) return { away: true };
      if (!reply.ok) throw new Error(String(reply.status));
      return { html: await reply.text() };
    });
    promise.catch(() => pages.delete(same(address)));
    pages.set(same(address), { promise, at: Date.now() });
    if (pages.size > 12) pages.delete(pages.keys().next().value);
    return promise;
  }

  function pageFor(address, fresh) {
    const found = pages.get(same(address));
    return !fresh && found && Date.now() - found.at < FRESH_MS ? found.promise : fetchPage(address);
  }

  desk.forget = (answer) => {
    for (const name of pages.keys()) if (name.includes(answer)) pages.delete(name);
  };

  /* Show the answer at an address. fresh: not from what was fetched before. push: as a new entry of the history. */
  desk.load = async (address, { fresh = false, push = true } = {}) => {
    wanted = same(address);
    const answer = wanted.match(/answers\/([0-9a-f-]{36})/)?.[1] ?? "";
    root.setAttribute("aria-busy", "true");
    try {
      if (desk.outbox.has(answer)) await desk.outbox.settled(1500);
      const page = await pageFor(address, fresh || desk.outbox.refusal(answer));
      if (wanted !== same(address)) return;
      if (page.away) return location.assign(address);
      document.dispatchEvent(new CustomEvent("desk:leaving"));
      const refusal = desk.outbox.refusal(answer);
      swap(refusal?.html || page.html);
      if (refusal) desk.outbox.look(answer);
      if (push && wanted !== location.pathname + location.search) history.pushState({ desk: true }, "", address);
      shown();
    } catch {
      if (wanted === same(address)) desk.toast(texts.not_loaded);
    } finally {
      if (wanted === same(address)) root.removeAttribute("aria-busy");
    }
  };

  desk.reload = () => desk.load(desk.panes().dataset.here, { fresh: true, push: false });

  function swap(html) {
    const template = document.createElement("template");
    template.innerHTML = html;
    root.replaceChildren(template.content);
    window.htmx?.process(root);
  }

  function shown() {
    const panes = desk.panes();
    document.title = document.title.replace(/^.*?(?= · )/, () => panes.dataset.pseudonym);
    showPane(root.dataset.pane === "queue" ? "answer" : root.dataset.pane);
    if (scrollY > root.offsetTop) scrollTo({ top: root.offsetTop, behavior: "instant" });
    root.querySelector("#answer-title").focus({ preventScroll: true });
    ready();
  }

  function ready() {
    root.querySelector('.queue [aria-current="true"]')?.scrollIntoView({ block: "nearest" });
    for (const one of root.querySelectorAll("[data-opens][hidden]")) one.hidden = false;
    desk.showAlerts();
    document.dispatchEvent(new CustomEvent("desk:shown"));
    takeLock();
    prefetch();
  }

  async function prefetch() {
    const next = root.querySelector('[data-step="next"]');
    if (!next) return;
    // After the mark that is on its way, so that the queue beside the answer tells of it.
    await desk.outbox.settled(SETTLE_MS);
    if (next.isConnected) pageFor(next.href, false).catch(() => {});
  }

  /* Locks: taken when an answer is shown, not when it is fetched ahead. */
  let locked = "";
  async function takeLock() {
    const panes = desk.panes();
    if (locked && locked !== panes.dataset.lock) desk.post(locked, { release: "1" }).catch(() => {});
    locked = panes.dataset.lock;
    try {
      const reply = await desk.post(locked, {});
      if (!reply.ok || !panes.isConnected) return;
      const state = await reply.json();
      const banner = panes.querySelector("[data-lock-banner]");
      const blocked = !state.mine && Boolean(state.who);
      if (blocked) banner.querySelector("p").textContent = texts.locked.replace("NAME", () => state.who);
      // Whoever had it may have marked it.
      if (!blocked && !banner.hidden) {
        desk.forget(panes.dataset.answer);
        return desk.reload();
      }
      banner.hidden = !blocked;
    } catch {
      // Without a connection there is no lock; the server compares versions in any case.
    }
  }
  setInterval(() => document.visibilityState === "visible" && takeLock(), LOCK_AGAIN_MS);
  addEventListener("pagehide", () => {
    if (!locked) return;
    const fields = new URLSearchParams({ release: "1", csrfmiddlewaretoken: desk.token() });
    navigator.sendBeacon(locked, fields);
  });

  desk.step = (name) => {
    const link = root.querySelector(`[data-step="${name}"]`);
    if (link) desk.load(link.href);
    return Boolean(link);
  };

  function showPane(name) {
    root.dataset.pane = name;
    for (const one of root.querySelectorAll("[data-shows]")) one.setAttribute("aria-pressed", String(one.dataset.shows === name));
  }
  desk.showPane = showPane;

  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-desk]");
    const plain = event.button === 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey && !event.altKey;
    if (link && root.contains(link) && plain && !event.defaultPrevented) {
      event.preventDefault();
      desk.load(link.href);
    }
    const tab = event.target.closest("[data-shows]");
    if (tab) showPane(tab.dataset.shows);
  });
  addEventListener("popstate", () => {
    if (location.pathname.includes("/answers/")) desk.load(location.href, { push: false });
  });
  // A page out of the browser's memory is as old as when it was left.
  addEventListener("pageshow", (event) => event.persisted && desk.reload());

  document.addEventListener("desk:kept", ({ detail }) => {
    const { entry } = detail;
    desk.forget(entry.answer);
    for (const [name, count] of Object.entries(detail.counts ?? {})) {
      for (const place of root.querySelectorAll(`[data-count="${name}"]`)) place.textContent = count;
    }
    const progress = root.querySelector(".desk__state progress");
    if (progress && detail.marked !== undefined) progress.value = detail.marked;
    const said = root.querySelector("[data-progress]");
    if (said && detail.progress) said.textContent = detail.progress;
    const row = [...root.querySelectorAll(".queue a")].find((one) => one.href.includes(entry.answer));
    if (row && detail.shown) {
      row.querySelector(".queue__mark")?.remove();
      const mark = document.createElement("span");
      mark.className = "queue__mark figures";
      mark.textContent = `✓ ${detail.shown}`;
      row.append(mark);
    }
    // Where the next answer is on its way, it comes; what was marked is not shown again in its place.
    if (desk.panes().dataset.answer === entry.answer && (!wanted || wanted === same(desk.panes().dataset.here))) desk.reload();
  });
  document.addEventListener("desk:refused", ({ detail }) => {
    desk.forget(detail.entry.answer);
    if (desk.panes().dataset.answer === detail.entry.answer) desk.reload();
    else desk.say(texts.refused.replace("NAME", detail.entry.pseudonym));
  });

  root.classList.add("has-script");
  document.documentElement.classList.add("has-script");
  history.replaceState({ desk: true }, "");
  addEventListener("DOMContentLoaded", ready, { once: true });
})();
