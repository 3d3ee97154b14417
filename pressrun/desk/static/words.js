// Words that are changed beside their slides: kept on the server as they are typed, and the slide is
// drawn anew there. Drafts of articles are read in place.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  const ask = (address, content) => fetch(address, {
    method: "POST",
    headers: { "X-Desk": "1", "Content-Type": "application/json" },
    body: JSON.stringify(content),
    cache: "no-store",
    keepalive: content.words?.length < 10000, // also when the page is left
    signal: AbortSignal.timeout(120000),
  });
  const signedOut = () => {
    const words = "You are signed out. What you typed stays here.";
    document.dispatchEvent(new CustomEvent("signed-out", { detail: words })); // a banner leads to sign in
    return words;
  };
  const away = "The desk does not answer. What you typed stays here.";

  const words = (form) => {
    const here = form.getAttribute("action");
    const part = (name) => form.querySelector(`[data-${name}]`);
    const item = form.elements.namedItem("item").value;
    const timers = new Map();
    const counts = new Map();
    const foot = (told) => {
      part("told").textContent = told.told;
      part("make").textContent = told.button;
      part("make").disabled = !told.ready;
      part("discard").hidden = !told.told;
    };
    const keep = async (row) => {
      const field = row.querySelector("textarea");
      const within = (name) => row.querySelector(`[data-${name}]`);
      const mine = (counts.get(row) ?? 0) + 1;
      counts.set(row, mine);
      clearTimeout(timers.get(row));
      timers.delete(row);
      const again = (ms) => timers.set(row, setTimeout(() => keep(row), ms));
      part("kept").textContent = "Keeping …";
      try {
        const answer = await ask(`${here}/keep`, { item, slide: Number(row.dataset.slide), words: field.value });
        if (counts.get(row) !== mine) return; // something else was typed meanwhile
        if (answer.status === 401 || answer.status === 503) {
          part("kept").textContent = answer.status === 401 ? signedOut() : await answer.text();
          again(5000);
          return;
        }
        if (!answer.ok) {
          part("kept").textContent = "";
          within("problem").textContent = await answer.text();
          return;
        }
        const told = await answer.json();
        within("problem").textContent = told.problem;
        within("note").textContent = told.note;
        within("before").hidden = !told.changed;
        row.toggleAttribute("data-changed", told.changed);
        const picture = row.querySelector("img");
        picture.dataset.delivered ??= picture.getAttribute("src");
        if (told.picture) picture.src = told.picture;
        else if (!told.changed) picture.src = picture.dataset.delivered;
        row.classList.toggle("stale", told.changed && !told.picture);
        foot(told);
        part("kept").textContent = "Kept as a draft";
        if (told.again) again(3000);
      } catch {
        if (counts.get(row) !== mine) return;
        part("kept").textContent = away;
        again(5000);
      }
    };
    form.addEventListener("input", (event) => {
      const row = event.target.closest("[data-slide]");
      if (!row) return;
      counts.set(row, (counts.get(row) ?? 0) + 1);
      part("make").disabled = true; // until it is known that these words can be set
      clearTimeout(timers.get(row));
      timers.set(row, setTimeout(() => keep(row), 350));
    });
    form.addEventListener("change", (event) => {
      const row = event.target.closest("[data-slide]");
      if (row && timers.has(row)) keep(row);
    });
    // What was typed before is drawn; the browser may have put words of its own into fields.
    for (const row of form.querySelectorAll("[data-slide]")) {
      const field = row.querySelector("textarea");
      if (row.hasAttribute("data-changed") || field.value !== field.defaultValue) keep(row);
    }
    if (part("discard").hidden) foot({ told: "", button: "Nothing is changed yet", ready: false });
    part("make").disabled = part("make").dataset.ready !== "true";
  };
  for (const form of document.querySelectorAll("[data-words]")) words(form);

  for (const form of document.querySelectorAll("[data-which]")) {
    form.querySelector("[data-show]").hidden = true;
    form.elements.namedItem("item").addEventListener("change", () => form.requestSubmit());
  }

  document.addEventListener("uploaded", async ({ target: area, detail: upload }) => {
    const panel = area.closest(".table-of-words");
    if (!panel) return;
    const said = panel.querySelector("[data-table-said]");
    said.textContent = "";
    const progress = document.createElement("p");
    progress.className = "small";
    progress.setAttribute("role", "status");
    progress.textContent = `Reading ${upload.name} …`;
    said.after(progress);
    try {
      const form = document.querySelector("[data-words]");
      const answer = await ask(`${form.getAttribute("action")}/table`, { reference: upload.reference });
      if (answer.ok) {
        location.reload();
        return;
      }
      said.textContent = answer.status === 401 ? signedOut() : await answer.text();
    } catch {
      said.textContent = "The desk does not answer. Drop the table again.";
    }
    progress.remove();
  });

  // Drafts of articles
  const read = async (box) => {
    if (box.dataset.asked) return;
    box.dataset.asked = "1";
    const about = box.querySelector("p");
    try {
      const answer = await fetch(box.dataset.read, { headers: { "X-Desk": "1" }, cache: "no-store", signal: AbortSignal.timeout(60000) });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const article = page.querySelector(".article");
        article.classList.remove("panel");
        about.replaceWith(article);
        return;
      }
      about.textContent = answer.status === 401 ? `${signedOut()} Then open it again.` : await answer.text();
    } catch {
      about.textContent = "The desk does not answer. Close it and open it again.";
    }
    delete box.dataset.asked;
  };
  // Whoever approves has read them: what was not even opened is said, and asked about once.
  const approve = document.querySelector("[data-approve]");
  let asked = false;
  const unopened = () => {
    const ticked = [...document.querySelectorAll(".drafts > li")].filter((draft) => draft.querySelector("[type=checkbox]").checked);
    const count = ticked.filter((draft) => !draft.hasAttribute("data-was-opened")).length;
    const said = document.querySelector("[data-unopened]");
    asked = false;
    if (approve) approve.textContent = "Approve what is ticked";
    if (said) said.textContent = count ? `${count} of ${ticked.length} ticked ${count === 1 ? "has" : "have"} not been opened on this page.` : "";
    return count;
  };
  document.addEventListener("change", unopened);
  approve?.form.addEventListener("submit", (event) => {
    if (asked) return;
    const count = unopened();
    if (!count) return;
    event.preventDefault();
    asked = true;
    document.querySelector("[data-unopened]").textContent += ` Approve ${count === 1 ? "it" : "them"} unread?`;
    approve.textContent = "Approve all the same";
  });
  for (const box of document.querySelectorAll("[data-read]")) {
    const mark = box.closest("li").querySelector("[data-opened]");
    mark.textContent = "· not opened yet";
    mark.hidden = false;
    box.addEventListener("toggle", () => {
      if (!box.open) return;
      mark.textContent = "· opened";
      box.closest("li").setAttribute("data-was-opened", "");
      unopened();
      read(box);
    });
    if (box.hasAttribute("data-open-it")) box.open = true;
  }
  unopened();
  const by = document.querySelector("[data-by]"); // who approves one after the other types it once
  if (by) {
    try {
      by.value ||= localStorage.getItem("pressrun approver") ?? "";
      by.form.addEventListener("submit", () => localStorage.setItem("pressrun approver", by.value));
    } catch {
      // The browser keeps nothing: the name is typed again.
    }
  }
  const all = document.querySelector("[data-tick-all]");
  if (all) {
    all.hidden = false;
    all.addEventListener("click", () => {
      for (const box of all.form.querySelectorAll("input[type=checkbox]")) box.checked = true;
      unopened();
    });
  }
});
