// Small comforts of the settings; every form works without them.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  // A file that is chosen is read here and stands in the field; no other page gets it.
  for (const box of document.querySelectorAll("textarea[data-file]")) {
    const input = document.createElement("input");
    input.type = "file";
    input.accept = `${box.dataset.file},.json`;
    input.setAttribute("aria-label", "Choose the file");
    input.addEventListener("change", async () => {
      const [file] = input.files;
      if (file) box.value = file.size > 100000 ? "" : await file.text();
    });
    box.before(input);
  }

  // Fields of a key are in sight only where one is given here.
  for (const group of document.querySelectorAll("fieldset[data-for]")) {
    const choice = document.querySelector(`[name="${group.dataset.for}"]`);
    const follow = () => { group.hidden = choice.value !== "+new"; };
    choice.addEventListener("change", follow);
    follow();
  }

  // One more row of limits, a copy of the empty one at the end.
  const more = document.querySelector(".more-limits");
  if (more) {
    const rows = [...document.querySelectorAll("fieldset.limit")];
    if (rows.length > 1) rows.at(-1).hidden = true;
    more.hidden = false;
    more.addEventListener("click", () => {
      const last = [...document.querySelectorAll("fieldset.limit")].at(-1);
      if (last.hidden) {
        last.hidden = false;
        last.querySelector("select").focus();
        return;
      }
      const row = last.cloneNode(true);
      const [, at] = last.querySelector("select").name.split(".");
      for (const part of row.querySelectorAll("[id], [for], [name]")) {
        for (const name of ["id", "for", "name"]) {
          const value = part.getAttribute(name);
          if (value) part.setAttribute(name, value.replace(`.${at}.`, `.${Number(at) + 1}.`));
        }
        if (part.matches("input")) part.value = "";
      }
      last.after(row);
      row.querySelector("select").focus();
    });
  }

  // After a refusal the first field that is wrong is at hand.
  document.querySelector("main [aria-invalid]")?.focus();

  // A check asks a provider and may take seconds: the button says so, and is not pressed twice.
  for (const form of document.querySelectorAll('main form[method="post"]')) {
    form.addEventListener("submit", (event) => {
      const button = event.submitter;
      // After the form is sent: a disabled button would not send its value.
      setTimeout(() => {
        for (const other of form.querySelectorAll("button")) other.disabled = true;
        if (button) button.textContent = "One moment …";
      });
    });
  }
  // A page that the browser brings back from its memory can be sent again.
  addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
});
