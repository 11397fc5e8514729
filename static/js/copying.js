// A text that is taken along by one button, where the browser lets pages write to the clipboard.
export function startCopying() {
  if (!navigator.clipboard) return;
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = false;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent.trim());
      button.textContent = button.dataset.copied;
      button.setAttribute("aria-live", "polite");
    });
  }
}
