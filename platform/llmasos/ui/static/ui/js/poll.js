// Fires "poll" on the body every two seconds while the page is looked at; a region asks with hx-trigger="poll from:body".
(() => {
  const EVERY_MS = 2000;
  const state = document.querySelector("[data-live-state]");
  const say = (value) => state && (state.dataset.liveState = value);
  const tick = () => {
    if (document.visibilityState === "visible") document.body.dispatchEvent(new CustomEvent("poll"));
  };
  setInterval(tick, EVERY_MS);
  document.addEventListener("visibilitychange", tick);
  document.body.addEventListener("htmx:afterRequest", (event) => {
    if (!event.target.matches("[data-live]")) return;
    const { xhr, successful } = event.detail;
    if (!successful) say("lost");
    else if (xhr.getResponseHeader("X-Live")) say("on");
    // The session has lapsed: what came is the sign-in page.
    else location.reload();
  });
})();
