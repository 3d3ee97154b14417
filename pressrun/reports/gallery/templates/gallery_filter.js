// Leaves on the page what has a status and some words.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const entries = [...document.querySelectorAll("[data-status]")];
  const groups = [...document.querySelectorAll("main section")];
  const cells = [...document.querySelectorAll("[data-is]")];
  const search = document.getElementById("search");
  const choices = [...document.querySelectorAll(".choices button")];
  const told = document.querySelector(".bar .told");
  const none = document.getElementById("none");
  const words = new Map();
  let status = "";
  // Read when it is first needed: thousands of prompts.
  const wordsOf = (entry) => {
    if (!words.has(entry)) words.set(entry, entry.textContent.toLowerCase());
    return words.get(entry);
  };
  const apply = () => {
    const asked = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let left = 0;
    for (const entry of entries) {
      const fits = (!status || entry.dataset.status.split(" ").includes(status))
        && asked.every((word) => wordsOf(entry).includes(word));
      entry.hidden = !fits;
      left += fits;
    }
    for (const group of groups) group.hidden = !group.querySelector("[data-status]:not([hidden])");
    for (const cell of cells) cell.classList.toggle("faded", Boolean(status) && cell.dataset.is !== status);
    for (const choice of choices) choice.setAttribute("aria-pressed", String(choice.value === status));
    told.textContent = left === entries.length ? "" : `${left} of ${entries.length} shown`;
    none.hidden = left > 0 || entries.length === 0;
  };
  search.addEventListener("input", apply);
  for (const choice of choices) {
    choice.addEventListener("click", () => { status = choice.value; apply(); });
  }
  // Nobody has to ask for all of a text that is all there.
  const long = [...document.querySelectorAll(".long")];
  const measure = () => {
    const fits = long.map((text) => {
      const clip = text.querySelector(".clip");
      return clip.scrollHeight <= clip.clientHeight;
    });
    long.forEach((text, at) => text.classList.toggle("fits", !text.open && fits[at]));
  };
  addEventListener("resize", measure);
  measure();
  apply();  // a browser that comes back to the page has kept what was typed
});
