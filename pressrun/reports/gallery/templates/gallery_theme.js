// Light or dark: as the system has it, until a person chooses.
(() => {
  "use strict";
  const root = document.documentElement;
  const key = "pressrun-theme";
  const system = matchMedia("(prefers-color-scheme: dark)");
  // A browser may refuse to remember anything for a page from a disk.
  const remembered = () => { try { return localStorage.getItem(key); } catch { return null; } };
  const remember = (theme) => { try { localStorage.setItem(key, theme); } catch { /* for now, then */ } };
  const dark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
  if (["dark", "light"].includes(remembered())) root.dataset.theme = remembered();
  document.addEventListener("DOMContentLoaded", () => {
    const button = document.getElementById("theme");
    const say = () => { button.textContent = dark() ? "Light" : "Dark"; };
    button.addEventListener("click", () => {
      root.dataset.theme = dark() ? "light" : "dark";
      remember(root.dataset.theme);
      say();
    });
    system.addEventListener("change", say);
    say();
    const bar = document.querySelector(".bar");
    if (bar) bar.hidden = false;
  });
})();
