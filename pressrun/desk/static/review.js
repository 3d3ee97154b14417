// A review or a preview: every change is kept on the server as it is typed, with its price; what
// cannot be sent stays in the page and in this browser until it can.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  const form = document.getElementById("review");
  if (!form) return;
  const here = `${form.dataset.here}/review`;
  const number = Number(form.dataset.number);
  const tab = Array.from(crypto.getRandomValues(new Uint32Array(4)), (part) => part.toString(36)).join("");
  const kept = `pressrun ${here} ${number} `;
  const store = kept + tab;
  const by = (id) => document.getElementById(id);
  const field = (name) => form.elements.namedItem(name) ?? form.querySelector(`[data-ticks="${CSS.escape(name)}"]`);
  const nameOf = (element) => element.name || element.closest("[data-ticks]")?.dataset.ticks;
  const first = new Map(); // what stood in each field when the page came
  const pending = new Map(); // what is not kept on the server yet
  const clashes = new Map();
  let seen = Number(form.dataset.seen);
  let price = form.dataset.price;
  let timer = 0;
  let asking = null;
  let over = false;

  const read = (element) => {
    if (element.dataset.ticks) return [...element.querySelectorAll("input:checked")].map((box) => box.value);
    return element.type === "checkbox" ? element.checked : element.value;
  };
  const write = (element, value) => {
    if (element.dataset.ticks) {
      for (const box of element.querySelectorAll("input")) box.checked = value.includes(box.value);
    } else if (element.type === "checkbox") element.checked = value;
    else element.value = value;
  };
  const fields = [...form.querySelectorAll("[name], [data-ticks]")];
  for (const element of fields) first.set(nameOf(element), JSON.stringify(read(element)));

  // What is said of the page as a whole, above the buttons.
  const say = (words, link) => {
    const box = by("refused");
    box.textContent = words;
    if (link) {
      const anchor = document.createElement("a");
      Object.assign(anchor, { href: link[1], target: "_blank", textContent: link[0] });
      box.append(" ", anchor);
    }
  };
  const keep = () => {
    try {
      if (pending.size) localStorage.setItem(store, JSON.stringify([...pending]));
      else localStorage.removeItem(store);
    } catch { /* the page itself still has it */ }
  };
  const state = (words) => { by("kept").textContent = words; };

  const wrong = (told) => {
    for (const box of form.querySelectorAll("[data-wrong]")) {
      const words = told[box.dataset.wrong] ?? "";
      const row = box.closest(".task");
      if (box.textContent !== words && !(row && row.querySelector(".note").textContent === words)) box.textContent = words;
      row?.classList.toggle("is-wrong", Boolean(words));
    }
  };
  const show = (told) => {
    price = told.price;
    by("figures").textContent = told.figures;
    by("approve").textContent = told.approve || "Approve";
    by("approve").disabled = !told.approve;
    if (told.again) by("edit").textContent = told.again;
    wrong(told.wrong);
  };

  // Another tab wrote something else into the same field: both stand there until a person chooses.
  const clash = (name, theirs, mine) => {
    const element = field(name); // none: it stands on another page of the tasks
    clashes.get(name)?.remove();
    const box = document.createElement("p");
    box.className = "clash";
    box.setAttribute("role", "alert");
    const words = (value) => typeof value === "boolean" ? (value ? "ticked" : "not ticked") : String(value);
    box.append(element
      ? `Another tab changed this to: “${words(theirs)}”. `
      : `Another tab changed what you typed on another page, “${words(mine)}”, to: “${words(theirs)}”. `);
    const choose = (label, take) => {
      const button = document.createElement("button");
      Object.assign(button, { type: "button", textContent: label });
      button.addEventListener("click", () => {
        box.remove();
        clashes.delete(name);
        if (!take) change(name, element ? read(element) : mine);
        else if (element) write(element, theirs);
      });
      box.append(button);
    };
    choose("Take theirs", true);
    choose("Keep mine", false);
    if (element) (element.closest(".task")?.querySelector(".task-body") ?? element.closest(".setting")).append(box);
    else by("refused").before(box);
    clashes.set(name, box);
  };

  let others = 0; // fields that another tab changed, as the last answer of the server said
  const taken = (sent, told) => {
    for (const [name, value] of sent) if (JSON.stringify(pending.get(name)) === JSON.stringify(value)) pending.delete(name);
    others = 0;
    for (const [name, value] of Object.entries(told.theirs)) {
      if (name in told.refused || pending.has(name) || clashes.has(name) || !field(name)) continue;
      write(field(name), value);
      others += 1;
    }
    for (const [name, value] of Object.entries(told.refused)) clash(name, value, sent.get(name));
    seen = told.seen;
    show(told);
    keep();
    if (others) state(`Another tab changed ${others === 1 ? "one field" : `${others} fields`}; shown here.`);
    else if (sent.size) state("Kept.");
  };

  const post = (path, content) => fetch(`${here}/${path}`, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-Desk": "1" },
    body: JSON.stringify(content),
    cache: "no-store",
    signal: AbortSignal.timeout(30000),
  });
  const trouble = async (answer) => {
    if (answer.status === 401) {
      say("You are signed out. What you type stays here and is kept as soon as you are signed in.", ["Sign in (a new tab)", `/sign-in?to=${encodeURIComponent(here)}`]);
      return;
    }
    const type = answer.headers.get("Content-Type") ?? "";
    const told = type.includes("json") ? await answer.json() : { words: await answer.text() };
    if (told.gone) {
      over = true;
      say(`${told.gone} What you typed stays on this page.`, ["See the batch (a new tab)", form.dataset.here]);
      state(pending.size ? "The last words are not kept on the server." : "");
      for (const button of form.querySelectorAll("[data-decide], [data-confirm]")) button.disabled = true;
    }
    return told;
  };

  // One question at a time; who asks meanwhile gets what comes after it.
  const save = async () => {
    clearTimeout(timer);
    while (asking) await asking;
    if (over) return false;
    asking = send();
    try {
      return await asking;
    } finally {
      asking = null;
    }
  };
  const send = async () => {
    const sent = new Map(pending);
    if (sent.size) state("Keeping …");
    try {
      const answer = await post("draft", { number, seen, tab, changes: Object.fromEntries(sent) });
      if (answer.ok) {
        say("");
        taken(sent, await answer.json());
        timer = setTimeout(save, pending.size ? 400 : 20000);
        return !pending.size;
      }
      const told = await trouble(answer);
      if (told && !over) say(told.words);
    } catch {
      say("The desk does not answer. What you type stays here and is kept as soon as it does.");
    }
    if (sent.size && !over) state("Not kept on the server yet.");
    if (!over) timer = setTimeout(save, 4000);
    return false;
  };
  const change = (name, value = read(field(name))) => {
    pending.set(name, value);
    keep();
    if (over) return;
    state("Keeping …");
    clearTimeout(timer);
    timer = setTimeout(save, 250);
  };

  const decide = async (decision) => {
    say("");
    if (clashes.size) return say("Another tab changed a field too: choose beside it whose words stand.");
    clearTimeout(timer);
    if (!(await save())) return;
    if (others) return say("Another tab has changed this meanwhile. Look at it, then answer again.");
    const buttons = [...form.querySelectorAll("[data-decide], [data-confirm]")].filter((button) => !button.disabled);
    for (const button of buttons) button.disabled = true;
    try {
      const answer = await post("answer", { number, seen, tab, decision, price });
      if (answer.ok) {
        over = true;
        location.assign(decision === "edit" ? `${here}?anew=1` : form.dataset.here);
        return;
      }
      const told = await trouble(answer);
      if (told && !over) {
        if (told.wrong) show(told);
        say(told.words);
        by("refused").focus();
      }
    } catch {
      say("The desk does not answer, so it is not known whether your answer arrived. Load this page again.");
    }
    if (!over) for (const button of buttons) button.disabled = false;
  };

  form.addEventListener("input", (event) => {
    const name = nameOf(event.target);
    if (name) change(name);
    else filter();
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-decide], [data-confirm], [data-tick]");
    if (!button) return;
    if ("confirm" in button.dataset) {
      by("dialog").replaceChildren(by("rejecting").content.cloneNode(true));
      by("dialog").showModal();
    } else if ("tick" in button.dataset) {
      for (const row of form.querySelectorAll(".task:not([hidden])")) {
        const box = row.querySelector('[name^="in/"]');
        if (box.checked === Boolean(button.dataset.tick)) continue;
        box.checked = Boolean(button.dataset.tick);
        change(box.name);
      }
    } else {
      by("dialog").close?.();
      decide(button.dataset.decide);
    }
  });
  addEventListener("beforeunload", (event) => { if (pending.size && !over) event.preventDefault(); });
  document.addEventListener("visibilitychange", () => { if (!document.hidden && !over) save(); });

  // The rows that are looked for.
  const rows = [...form.querySelectorAll(".task")];
  const fits = {
    "": () => true,
    warned: (row) => row.querySelector(".note").textContent || row.querySelector(".error").textContent,
    out: (row) => row.querySelector('[name^="in/"]:not(:checked)'),
    changed: (row) => "changed" in row.dataset || [...row.querySelectorAll("[name]")].some((element) => JSON.stringify(read(element)) !== first.get(element.name)),
  };
  const filter = () => {
    const words = by("find").value.toLocaleLowerCase().trim();
    const which = fits[by("which").value];
    let shown = 0;
    for (const row of rows) {
      const said = [row.textContent, ...[...row.querySelectorAll("textarea, input")].map((element) => element.value)].join(" ");
      row.hidden = !(which(row) && said.toLocaleLowerCase().includes(words));
      shown += !row.hidden;
    }
    by("shown").textContent = words || by("which").value ? `${shown} of ${rows.length} shown` : "";
  };
  by("which")?.addEventListener("change", filter);

  // Words that could not be sent before this page was closed.
  try {
    for (const key of Object.keys(localStorage).filter((key) => key.startsWith(kept))) {
      for (const [name, value] of JSON.parse(localStorage.getItem(key))) {
        // Also what was typed on another page of the tasks: it is kept on the server all the same.
        if (field(name)) write(field(name), value);
        pending.set(name, value);
      }
      localStorage.removeItem(key);
    }
    keep();
  } catch { /* nothing of use was left */ }
  timer = setTimeout(save, pending.size ? 50 : 20000);
});
