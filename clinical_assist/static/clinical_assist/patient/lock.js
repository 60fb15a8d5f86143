// Covers the page after five idle minutes and asks for the password again; the server refuses too. Nothing typed is lost.
(() => {
  const lock = document.getElementById("lock");
  if (!lock) return;
  const IDLE = 5 * 60 * 1000;
  const SIGN = 60 * 1000;
  const form = lock.querySelector("form");
  const wrong = lock.querySelector("[data-wrong]");
  const tabs = "BroadcastChannel" in window ? new BroadcastChannel("clinical-lock") : null;
  let last = Date.now();
  let said = last;
  const token = () => form.querySelector("[name=csrfmiddlewaretoken]").value;
  const awake = (body) => fetch(lock.dataset.awake, { method: "POST", headers: { "X-CSRFToken": token() }, body });

  const cover = () => {
    if (lock.open) return;
    for (const other of document.querySelectorAll("dialog[open]")) other.close();
    lock.showModal();
    awake(new URLSearchParams({ lock: "1" })).catch(() => {});
  };
  const uncover = () => {
    last = Date.now();
    wrong.hidden = true;
    form.reset();
    if (lock.open) lock.close();
  };
  const active = () => {
    if (lock.open) return;
    last = Date.now();
    if (last - said < SIGN) return;
    said = last;
    tabs?.postMessage("active");
    // Without a connection the page stays as it is; the next request says what is wrong.
    awake().then((answer) => answer.status === 423 && cover(), () => {});
  };
  for (const name of ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"]) {
    document.addEventListener(name, active, { passive: true });
  }
  tabs?.addEventListener("message", ({ data }) => (data === "active" || data === "open") && uncover());
  const look = () => Date.now() - last >= IDLE && cover();
  setInterval(look, 5000);
  // A sleeping tablet runs no timer: look as soon as it wakes.
  document.addEventListener("visibilitychange", look);
  document.addEventListener("htmx:responseError", (event) => event.detail.xhr.status === 423 && cover());
  lock.addEventListener("cancel", (event) => event.preventDefault());
  lock.querySelector("[data-other]").href += `?next=${encodeURIComponent(location.pathname + location.search)}`;

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const password = form.querySelector("[name=password]");
    const body = new FormData(form);
    // At once, so that what is typed while the answer is on its way stays.
    password.value = "";
    await fetch(form.action, { method: "POST", body, redirect: "manual" });
    const answer = await awake();
    if (answer.ok) {
      said = Date.now();
      tabs?.postMessage("open");
      uncover();
    } else {
      wrong.hidden = false;
      password.focus();
    }
  });
})();
