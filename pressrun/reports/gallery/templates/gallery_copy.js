// A button below each caption copies it, as it is pasted into a post.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const select = (caption) => {
    const range = document.createRange();
    range.selectNodeContents(caption);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  };
  const copy = async (caption) => {
    try {
      await navigator.clipboard.writeText(caption.textContent);
      return true;
    } catch {
      // Only a page from this machine or by HTTPS has a clipboard; what is selected can be copied anywhere.
      select(caption);
      return document.execCommand("copy");
    }
  };
  for (const caption of document.querySelectorAll(".caption[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy caption";
    button.setAttribute("aria-label", `Copy caption of ${caption.dataset.copy}`);
    const told = document.createElement("span");
    told.className = "small";
    told.setAttribute("role", "status");
    let timer = 0;
    button.addEventListener("click", async () => {
      const done = await copy(caption);
      told.textContent = done ? "Copied" : "It is selected: press Ctrl+C or ⌘C";
      clearTimeout(timer);
      timer = setTimeout(() => { told.textContent = ""; }, 4000);
    });
    const line = document.createElement("p");
    line.className = "copy-line";
    line.append(button, told);
    caption.after(line);
  }
});
