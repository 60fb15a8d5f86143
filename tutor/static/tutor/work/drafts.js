/* What was typed and is not saved yet, kept by the browser. Sealed (AES-GCM) under a key that the server gives only to
   its writer, so that the next person at a shared computer finds nothing to read. Browsers seal only on secure
   addresses; elsewhere the text stays in this window alone. A draft is removed as soon as it is saved. */
(() => {
  "use strict";
  const work = (window.tutorWork ??= {});

  const bytes = (hex) => Uint8Array.from(hex.match(/../g), (pair) => parseInt(pair, 16));
  const encoded = (buffer) => {
    let text = "";
    for (const one of new Uint8Array(buffer)) text += String.fromCharCode(one);
    return btoa(text);
  };
  const decoded = (text) => Uint8Array.from(atob(text), (letter) => letter.charCodeAt(0));

  class Drafts {
    constructor(submission, key) {
      this.prefix = `draft.${submission}.`;
      this.sealed = Boolean(window.isSecureContext && crypto.subtle);
      this.key = this.sealed ? crypto.subtle.importKey("raw", bytes(key), "AES-GCM", false, ["encrypt", "decrypt"]) : null;
      this.versions = new Map();
      try {
        this.store = this.sealed ? localStorage : sessionStorage;
        this.store.setItem(`${this.prefix}trial`, "");
        this.store.removeItem(`${this.prefix}trial`);
      } catch {
        this.store = null;
      }
    }

    /* "device", "window", or nothing where the browser keeps nothing. */
    get place() {
      return this.store ? (this.sealed ? "device" : "window") : "";
    }

    names() {
      return this.store ? Object.keys(this.store).filter((name) => name.startsWith(this.prefix)) : [];
    }

    async put(question, value) {
      if (!this.store) return false;
      const name = this.prefix + question;
      const version = (this.versions.get(name) ?? 0) + 1;
      this.versions.set(name, version);
      let kept = JSON.stringify(value);
      if (this.sealed) {
        const iv = crypto.getRandomValues(new Uint8Array(12));
        const additionalData = new TextEncoder().encode(name);
        const box = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData }, await this.key, new TextEncoder().encode(kept));
        kept = `${encoded(iv)}.${encoded(box)}`;
      }
      // Sealing takes a moment, in which the draft may have been replaced or removed.
      if (this.versions.get(name) !== version) return true;
      try {
        this.store.setItem(name, kept);
        return true;
      } catch {
        return false;
      }
    }

    async get(question) {
      const name = this.prefix + question;
      const kept = this.store?.getItem(name);
      if (!kept) return null;
      try {
        if (!this.sealed) return JSON.parse(kept);
        const [iv, box] = kept.split(".").map(decoded);
        const additionalData = new TextEncoder().encode(name);
        const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv, additionalData }, await this.key, box);
        return JSON.parse(new TextDecoder().decode(plain));
      } catch {
        return null;
      }
    }

    remove(question) {
      const name = this.prefix + question;
      this.versions.set(name, (this.versions.get(name) ?? 0) + 1);
      this.store?.removeItem(name);
    }
  }

  work.Drafts = Drafts;
})();
