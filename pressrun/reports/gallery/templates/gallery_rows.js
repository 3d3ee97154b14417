// A row of pictures that is wider than its card fades where it goes on, and says so.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const rows = [...document.querySelectorAll(".shots[tabindex]")];
  const mark = (row) => {
    const left = row.scrollWidth - row.clientWidth - row.scrollLeft;
    row.classList.toggle("goes-on", left > 4);
    row.parentElement.querySelector(".shots-count span").hidden = row.scrollWidth - row.clientWidth <= 4;
  };
  // Cards outside of the window are not laid out yet.
  const seen = new ResizeObserver((entries) => { for (const { target } of entries) mark(target); });
  for (const row of rows) {
    seen.observe(row);
    row.addEventListener("scroll", () => mark(row), { passive: true });
  }
});
