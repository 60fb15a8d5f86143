/* The loader: one script tag on the shop's page. It draws a launcher and, when it is first
   opened, a frame from the platform's origin; the conversation itself never touches the page. */
(() => {
  "use strict";
  const tag = document.currentScript;
  const key = tag && tag.dataset.site;
  if (!key || window.llmasosWidget) return;

  const origin = new URL(tag.src).origin;
  const language = (tag.dataset.language || document.documentElement.lang || navigator.language || "en").toLowerCase();
  const [openText, closeText, title] = language.startsWith("zh")
    ? ["打开聊天", "关闭聊天", "聊天助手"]
    : ["Open chat", "Close chat", "Chat assistant"];
  const accent = /^#[0-9a-f]{6}$/i.test(tag.dataset.accent || "") ? tag.dataset.accent : "#0f766e";
  const side = tag.dataset.position === "left" ? "left" : "right";

  /* Constructed style sheets pass a strict content-security policy of the host; style tags do not. */
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host{all:initial}
    button{position:fixed;${side}:20px;bottom:20px;width:56px;height:56px;padding:0;border:0;border-radius:50%;
      display:grid;place-items:center;cursor:pointer;background:${accent};color:${ink(accent)};
      box-shadow:0 1px 2px #0003,0 8px 24px #0003;z-index:2147483000}
    button:focus-visible{outline:3px solid #111;outline-offset:2px;box-shadow:0 0 0 6px #fd0}
    svg{width:26px;height:26px;fill:none;stroke:currentColor;stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
    iframe{position:fixed;${side}:20px;bottom:88px;width:400px;height:min(660px,calc(100dvh - 108px));border:0;
      border-radius:16px;background:Canvas;color-scheme:light dark;box-shadow:0 1px 3px #0003,0 16px 48px #0003;z-index:2147483001}
    iframe[hidden]{display:none}
    @media (max-width:640px),(max-height:420px){
      iframe{inset:0;width:100%;height:100dvh;border-radius:0}
    }
    @media (prefers-reduced-motion:no-preference){
      button{transition:transform .12s}
      button:hover{transform:translateY(-1px)}
    }
    @media print{button,iframe{display:none}}`);

  const host = document.createElement("div");
  const root = host.attachShadow({ mode: "open" });
  root.adoptedStyleSheets = [sheet];
  const launcher = document.createElement("button");
  launcher.type = "button";
  launcher.append(icon());
  root.append(launcher);
  let frame = null;
  let loaded = false;
  show(false);

  /* Black or white, whichever stands out more against the accent. */
  function ink(colour) {
    const [r, g, b] = [1, 3, 5].map((i) => {
      const c = parseInt(colour.slice(i, i + 2), 16) / 255;
      return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b > 0.179 ? "#000" : "#fff";
  }

  function icon() {
    const ns = "http://www.w3.org/2000/svg";
    const svg = document.createElementNS(ns, "svg");
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.setAttribute("aria-hidden", "true");
    const path = document.createElementNS(ns, "path");
    path.setAttribute("d", "M21 12a8 8 0 0 1-8 8H4l1.8-3A8 8 0 1 1 21 12ZM9 11h8M9 14.5h5");
    svg.append(path);
    return svg;
  }

  function makeFrame() {
    frame = document.createElement("iframe");
    frame.title = title;
    frame.hidden = true;
    const address = new URL(`/widget/${encodeURIComponent(key)}/`, origin);
    address.searchParams.set("language", language);
    address.searchParams.set("origin", location.origin);
    frame.src = address.href;
    root.append(frame);
  }

  function tell(type) {
    if (loaded) frame.contentWindow.postMessage({ source: "llmasos-host", type }, origin);
  }

  function show(open) {
    if (open && !frame) makeFrame();
    if (frame) frame.hidden = !open;
    launcher.setAttribute("aria-expanded", String(open));
    launcher.setAttribute("aria-label", open ? closeText : openText);
    if (open) tell("open");
  }

  function isOpen() {
    return Boolean(frame && !frame.hidden);
  }

  function close() {
    if (!isOpen()) return;
    show(false);
    launcher.focus();
  }

  launcher.addEventListener("click", () => (isOpen() ? close() : show(true)));
  addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !event.defaultPrevented) close();
  });
  addEventListener("message", (event) => {
    if (!frame || event.origin !== origin || event.source !== frame.contentWindow) return;
    if (!event.data || event.data.source !== "llmasos-frame") return;
    if (event.data.type === "close") close();
    if (event.data.type === "ready") {
      loaded = true;
      if (isOpen()) tell("open");
    }
  });

  window.llmasosWidget = Object.freeze({ open: () => show(true), close });
  const place = () => document.body.append(host);
  if (document.body) place();
  else addEventListener("DOMContentLoaded", place);
})();
