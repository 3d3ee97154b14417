// Keeps a draft on the server as a person types. Nothing typed is lost: what could not be kept is
// sent again, and what another tab has changed meanwhile is asked about.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const page = document.querySelector("[data-draft]");
  if (!page) return;
  const kept = document.getElementById("kept");
  const changed = new Map(); // values that the server does not have yet, by name
  let version = Number(page.dataset.version);
  let timer = 0;
  let sending = null;

  const valueOf = (field) => {
    if (field.dataset.list) {
      return [...page.querySelectorAll(`[data-list="${field.dataset.list}"]:checked`)].map((box) => box.value);
    }
    return field.type === "checkbox" ? field.checked : field.value;
  };
  class NotNow extends Error {} // in words for a person; a browser's own are not
  class SignedOut extends NotNow {}
  const say = (words, wrong = false, isOut = false) => window.sayIn(kept, words, wrong, isOut);

  const put = (name, value) => {
    for (const field of page.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "checkbox") field.checked = Boolean(value);
      else if (field.type === "radio") field.checked = field.value === value;
      else field.value = value ?? field.defaultValue ?? "";
    }
    for (const box of page.querySelectorAll(`[data-list="${CSS.escape(name)}"]`)) box.checked = (value ?? []).includes(box.value);
  };
  // --- What another tab has changed ---
  const told = document.getElementById("told");
  const elementOf = (name) => page.querySelector(`[name="${CSS.escape(name)}"], [data-list="${CSS.escape(name)}"]`);
  const called = (name) => {
    const field = elementOf(name);
    if (!field) return name.startsWith("row:") ? "A task" : name;
    const words = field.dataset.list ? field.closest("fieldset")?.querySelector("legend") : field.labels?.[0];
    return (words?.textContent ?? field.getAttribute("aria-label") ?? name).trim();
  };
  const read = (name, value) => {
    if (value === null || value === undefined || value === "") return name.startsWith("row:") ? "taken out" : "empty";
    if (typeof value === "boolean") return value ? "on" : "off";
    const option = [...(elementOf(name)?.options ?? [])].find((one) => one.value === String(value));
    const words = option?.textContent ?? (Array.isArray(value) ? value.join(", ") : value.prompt ?? String(value));
    const line = words.replace(/\s+/g, " ").trim();
    return line.length > 80 ? `“${line.slice(0, 79)}…” (${words.length.toLocaleString("en")} letters)` : `“${line}”`;
  };
  const clashes = new Map(); // fields that two tabs changed: both values, until the person closes the line
  const line = (words, ...choices) => {
    const box = document.createElement("p");
    box.className = "clash";
    box.setAttribute("role", "alert");
    box.textContent = words;
    for (const [label, then] of choices) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.addEventListener("click", then);
      box.append(button);
    }
    return box;
  };
  const draw = (name) => {
    const clash = clashes.get(name);
    const old = clash.box;
    const [mine, theirs] = [read(name, clash.mine), read(name, clash.theirs)];
    const [keep, take] = [() => choose(name, true), () => choose(name, false)];
    const close = () => { clash.box.remove(); clashes.delete(name); };
    if (clash.kept === undefined) clash.box = line(`${called(name)}: ${mine} here, ${theirs} from another tab. Which holds?`, ["Keep mine", keep], ["Take theirs", take]);
    else if (clash.kept) clash.box = line(`${called(name)}: ${mine} holds. The other tab had ${theirs}.`, ["Take theirs", take], ["Close", close]);
    else clash.box = line(`${called(name)}: ${theirs} of the other tab holds. Here stood ${mine}.`, ["Keep mine", keep], ["Close", close]);
    if (old) old.replaceWith(clash.box);
    else told.prepend(clash.box);
  };
  const choose = (name, mine) => {
    const clash = clashes.get(name);
    const value = mine ? clash.mine : clash.theirs;
    const again = clash.kept !== undefined;
    clash.kept = mine;
    put(name, value);
    draw(name);
    if (mine || again) later(name, value);
    if (!mine) page.dispatchEvent(new CustomEvent("theirs", { detail: { [name]: value } }));
    if (![...clashes.values()].some((one) => one.kept === undefined)) say(changed.size ? "Saving …" : "Kept as a draft");
    page.dispatchEvent(new Event("refresh"));
  };
  const undecided = () => [...clashes.values()].some((one) => one.kept === undefined);
  const ask = (answer, mine) => {
    version = answer.version;
    for (const [name, value] of mine) {
      if (!(name in answer.theirs)) {
        if (!changed.has(name)) changed.set(name, value); // nobody else changed it: it is sent again
        continue;
      }
      const now = changed.has(name) ? changed.get(name) : value;
      changed.delete(name);
      known.set(name, version);
      clashes.get(name)?.box.remove();
      clashes.set(name, { mine: now, theirs: answer.theirs[name] });
      draw(name);
    }
    timer = setTimeout(send, 0);
  };
  // What it changed besides: the fields here do not show it, the price does.
  const known = new Map(); // the version of each field that stands here
  const first = version;
  const seen = (name) => (elementOf(name) ? known.get(name) ?? first : version); // rows are drawn anew
  let stamps = {};
  let foreign = null;
  const look = () => {
    if (sending || changed.size) return; // looked at again when it is kept
    const names = Object.keys(stamps).filter((name) => elementOf(name) && stamps[name] > (known.get(name) ?? first) && !clashes.has(name));
    const words = names.length ? `Another tab changed ${names.map(called).join(", ")}, which this page does not show yet.` : "";
    if (words === (foreign?.dataset.words ?? "")) return;
    foreign?.remove();
    foreign = words ? line(words, ["Show it", () => location.reload()]) : null;
    if (!foreign) return;
    foreign.dataset.words = words;
    told.prepend(foreign);
  };
  page.addEventListener("taken", () => {
    const part = page.querySelector("[data-changed]");
    if (part) stamps = JSON.parse(part.dataset.changed);
    look();
  });

  // What the desk will never take: sending it again helps nobody. It stands on the page until it is
  // changed; a draft that is gone says where its words can go.
  const refused = (words, mine) => {
    for (const [name, value] of mine) if (!changed.has(name)) changed.set(name, value);
    say(`Not kept: ${words}`, true);
    page.dispatchEvent(new Event("refresh"));
  };

  const send = async () => {
    clearTimeout(timer);
    if (sending) { await sending; }
    if (!changed.size) return true;
    const mine = new Map(changed);
    changed.clear();
    say("Saving …");
    sending = (async () => {
      try {
        const answer = await fetch(`${page.dataset.draft}/values`, {
          method: "POST",
          headers: { "Content-Type": "application/json", "X-Desk": "1" },
          body: JSON.stringify({ seen: Object.fromEntries([...mine.keys()].map((name) => [name, seen(name)])), values: Object.fromEntries(mine) }),
          signal: AbortSignal.timeout(20000),
        });
        if (answer.ok) {
          version = (await answer.json()).version;
          for (const name of mine.keys()) known.set(name, version);
          say(undecided() ? "Kept, but for what another tab has changed too" : "Kept as a draft", undecided());
          page.dispatchEvent(new Event("refresh"));
          return true;
        }
        if (answer.status === 409) {
          say("Not kept: another tab has changed it too", true);
          ask(await answer.json(), mine);
          return false;
        }
        const words = await answer.text();
        if (answer.status < 500 && answer.status !== 401) {
          refused(words, mine);
          return false;
        }
        throw answer.status === 401 ? new SignedOut("You are signed out.") : new NotNow(`${words} It is tried again.`);
      } catch (error) {
        for (const [name, value] of mine) if (!changed.has(name)) changed.set(name, value);
        say(`Not kept yet. ${error instanceof NotNow ? error.message : "The desk does not answer. It is tried again."}`, true, error instanceof SignedOut);
        timer = setTimeout(send, 4000);
        return false;
      }
    })();
    const done = await sending;
    sending = null;
    look();
    return done;
  };
  document.addEventListener("signed-in", () => { send(); });
  const later = (name, value) => {
    const clash = clashes.get(name);
    if (clash && clash.kept === undefined) {
      clash.mine = value; // typed on, and still to be decided
      draw(name);
      return;
    }
    changed.set(name, value);
    clearTimeout(timer);
    timer = setTimeout(send, 300);
  };
  // What is wrong with a setting stands beside it.
  const mark = () => {
    for (const old of page.querySelectorAll(".wrong")) {
      document.getElementById(old.dataset.of)?.removeAttribute("aria-invalid");
      old.remove();
    }
    for (const { dataset, textContent } of page.querySelectorAll("[data-wrong]")) {
      const field = document.getElementById(`f-${dataset.wrong}`);
      if (!field) continue;
      const words = document.createElement("p");
      words.className = "wrong error";
      words.dataset.of = field.id;
      words.textContent = textContent;
      field.setAttribute("aria-invalid", "true");
      field.after(words);
      const behind = field.closest("details");
      if (behind) behind.open = true;
    }
  };
  page.addEventListener("taken", mark);
  mark();
  // Accounts and stores that were saved meanwhile, or are known only now, can be chosen.
  page.addEventListener("taken", () => {
    for (const list of page.querySelectorAll("[data-saved]")) {
      const field = document.getElementById(`f-${list.dataset.saved}`);
      const about = document.getElementById(`${field.id}-about`);
      about.textContent = list.dataset.away || about.dataset.usual;
      for (const { dataset, textContent } of list.children) {
        const there = [...field.options].find((one) => one.value === dataset.id);
        if (there) there.text = textContent;
        else field.add(new Option(textContent, dataset.id));
      }
    }
  });
  // What the foot names leads to its field, also where that is folded away.
  page.addEventListener("click", (event) => {
    const link = event.target.closest("[data-to-field]");
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    for (let folded = field.closest("details"); folded; folded = folded.parentElement.closest("details")) folded.open = true;
    field.scrollIntoView({ block: "center" });
    (field.matches("details") ? field.querySelector("input, textarea") : field).focus({ preventScroll: true });
  });
  // What was understood offers a value for a field.
  page.addEventListener("click", (event) => {
    const offer = event.target.closest("[data-put]")?.dataset;
    if (!offer) return;
    put(offer.put, offer.value);
    later(offer.put, offer.value);
  });
  // A start that could not be shows this page at another address.
  if (location.pathname !== page.dataset.draft) history.replaceState(null, "", page.dataset.draft);
  // Others of this page change values too: rows, uploads.
  page.addEventListener("change-value", (event) => later(event.detail.name, event.detail.value));
  page.addEventListener("input", (event) => {
    const name = event.target.dataset.list ?? event.target.name;
    if (name && !event.target.closest("form")) later(name, valueOf(event.target));
  });

  page.addEventListener("submit", async (event) => {
    const form = event.target.closest("form.start");
    if (!form || form.dataset.sent) return;
    event.preventDefault();
    const action = event.submitter.value;
    const others = []; // what rows have not kept yet
    page.dispatchEvent(new CustomEvent("keep-now", { detail: others }));
    if (!(await send()) || (await Promise.all(others)).includes(false)) return;
    if (undecided()) {
      say("Nothing was started: say first which value holds.", true);
      return;
    }
    // After this event has ended, and by what stands there now: what was kept may have drawn it anew.
    setTimeout(() => {
      const now = page.querySelector("form.start");
      now.dataset.sent = "1";
      now.requestSubmit(now.querySelector(`[value="${action}"]`));
      setTimeout(() => { for (const one of now.querySelectorAll("button")) one.disabled = true; });
    });
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  window.addEventListener("beforeunload", (event) => { if (changed.size || undecided()) { send(); event.preventDefault(); } });
});
