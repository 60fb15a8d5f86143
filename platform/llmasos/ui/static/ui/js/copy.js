// data-copy="id" copies the text of that element; data-copied is what is said afterwards.
(() => {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy]");
    if (!button) return;
    const source = document.getElementById(button.dataset.copy);
    const text = source?.value ?? source?.textContent?.trim() ?? "";
    let said = button.dataset.copied;
    try {
      await navigator.clipboard.writeText(text);
    } catch {
      // The clipboard is closed to pages without TLS: leave the text selected for the keyboard.
      getSelection()?.selectAllChildren(source);
      said = button.dataset.selected ?? said;
    }
    document.dispatchEvent(new CustomEvent("toast", { detail: { text: said } }));
  });
})();
