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
  const say = (words, wrong = false) => {
    kept.textContent = words;
    kept.classList.toggle("error", wrong);
  };

  const put = (name, value) => {
    for (const field of page.querySelectorAll(`[name="${CSS.escape(name)}"]`)) {
      if (field.type === "checkbox") field.checked = Boolean(value);
      else if (field.type === "radio") field.checked = field.value === value;
      else field.value = value ?? field.defaultValue ?? "";
    }
    for (const box of page.querySelectorAll(`[data-list="${CSS.escape(name)}"]`)) box.checked = (value ?? []).includes(box.value);
  };
  const ask = (answer, mine) => {
    version = answer.version;
    const box = document.createElement("p");
    box.className = "banner";
    box.setAttribute("role", "alert");
    box.textContent = `${answer.words} `;
    const choice = (words, then) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = words;
      button.addEventListener("click", () => { box.remove(); then(); });
      box.append(button, " ");
    };
    choice("Keep what stands here", () => { for (const [name, value] of mine) if (!changed.has(name)) changed.set(name, value); send(); });
    choice("Show what the other has", () => { for (const [name, value] of Object.entries(answer.theirs)) { changed.delete(name); put(name, value); } page.dispatchEvent(new CustomEvent("theirs", { detail: answer.theirs })); page.dispatchEvent(new Event("refresh")); });
    page.prepend(box);
    box.scrollIntoView({ block: "nearest" });
  };

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
          body: JSON.stringify({ seen: version, values: Object.fromEntries(mine) }),
          signal: AbortSignal.timeout(20000),
        });
        if (answer.ok) {
          version = (await answer.json()).version;
          say("Kept as a draft");
          page.dispatchEvent(new Event("refresh"));
          return true;
        }
        if (answer.status === 409) {
          ask(await answer.json(), mine);
          say("Not kept: changed elsewhere", true);
          return false;
        }
        const words = await answer.text();
        if (answer.status < 500 && answer.status !== 401) {
          refused(words, mine);
          return false;
        }
        throw new Error(answer.status === 401 ? "You are signed out; sign in in another tab, and this page goes on." : words);
      } catch (error) {
        for (const [name, value] of mine) if (!changed.has(name)) changed.set(name, value);
        say(`Not kept yet. ${error.message || "The desk does not answer."} It is tried again.`, true);
        timer = setTimeout(send, 4000);
        return false;
      }
    })();
    const done = await sending;
    sending = null;
    return done;
  };
  const later = (name, value) => {
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
    // After this event has ended, and by what stands there now: what was kept may have drawn it anew.
    setTimeout(() => {
      const now = page.querySelector("form.start");
      now.dataset.sent = "1";
      now.requestSubmit(now.querySelector(`[value="${action}"]`));
      setTimeout(() => { for (const one of now.querySelectorAll("button")) one.disabled = true; });
    });
  });
  window.addEventListener("pageshow", (event) => { if (event.persisted) location.reload(); });
  window.addEventListener("beforeunload", (event) => { if (changed.size) { send(); event.preventDefault(); } });
});
