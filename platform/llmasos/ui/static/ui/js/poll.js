// Fires "poll" on the body every two seconds while the page is looked at; regions ask with hx-trigger="poll from:body".
(() => {
  const EVERY_MS = 2000;
  const tick = () => {
    if (document.visibilityState === "visible") document.body.dispatchEvent(new CustomEvent("poll"));
  };
  setInterval(tick, EVERY_MS);
  document.addEventListener("visibilitychange", tick);
})();
