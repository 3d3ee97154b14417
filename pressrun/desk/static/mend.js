// Failed items that are changed: the price follows what is typed, and stands on the button. What is
// typed stays in this browser until it is sent.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  let timer = 0;
  let count = 0;
  const address = (form) => form.getAttribute("action");
  const store = (form) => `pressrun ${address(form)}`;
  const say = (form, words) => { form.querySelector("[data-said]").textContent = words; };
  const post = (form, path, button) => {
    const content = new URLSearchParams(new FormData(form));
    if (button) content.set(button.name, button.value);
    return fetch(address(form) + path, {
      method: "POST",
      headers: { "X-Desk": "1" },
      body: content,
      cache: "no-store",
      signal: AbortSignal.timeout(30000),
    });
  };
  const signedOut = "You are signed out. Sign in in another tab; what you typed stays here.";
  const away = "The desk does not answer. What you typed stays here.";

  const show = (form, told) => {
    const button = form.querySelector("[data-make]");
    button.value = told.price;
    const none = Object.keys(told.wrong).length ? "Not yet" : "Nothing is changed yet";
    button.textContent = told.button || none;
    button.disabled = !told.button;
    for (const box of form.querySelectorAll("[data-wrong]")) box.textContent = told.wrong[box.dataset.wrong] ?? "";
  };
  const price = async (form) => {
    count += 1;
    const mine = count;
    const again = () => { timer = setTimeout(() => price(form), 5000); };
    try {
      const answer = await post(form, "/price");
      if (mine !== count) return; // something else was typed meanwhile
      if (answer.status === 401) {
        say(form, signedOut);
        again();
      } else if (answer.ok) {
        say(form, "");
        show(form, await answer.json());
      } else say(form, await answer.text());
    } catch {
      say(form, away);
      again();
    }
  };

  const kept = (form) => {
    try {
      return JSON.parse(localStorage.getItem(store(form)) ?? "{}");
    } catch {
      return {};
    }
  };
  const restore = (form) => {
    if (form.dataset.restored) return;
    form.dataset.restored = "1";
    let changed = false;
    for (const [name, value] of Object.entries(kept(form))) {
      const element = form.elements.namedItem(name);
      if (!element || element.value === value) continue;
      element.value = value;
      changed = true;
    }
    const button = form.querySelector("[data-make]");
    if (changed) price(form);
    else if (!button.value) show(form, { price: "", button: "", wrong: {} });
  };
  for (const form of document.querySelectorAll("[data-mend]")) restore(form);
  document.addEventListener("focusin", (event) => {
    const form = event.target.closest("[data-mend]");
    if (form) restore(form);
  });

  document.addEventListener("input", (event) => {
    const form = event.target.closest("[data-mend]");
    if (!form || !event.target.name) return;
    try {
      localStorage.setItem(store(form), JSON.stringify({ ...kept(form), [event.target.name]: event.target.value }));
    } catch { /* the page itself still has it */ }
    form.querySelector("[data-make]").disabled = true; // until the price is that of these words
    clearTimeout(timer);
    timer = setTimeout(() => price(form), 250);
  });
  document.addEventListener("uploaded", ({ target: area, detail: upload }) => {
    if (!area.dataset.into) return;
    const field = area.closest("form").elements.namedItem(area.dataset.into);
    field.value = upload.reference;
    field.dispatchEvent(new Event("input", { bubbles: true }));
  });
  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.matches("[data-mend]")) return;
    event.preventDefault();
    const button = form.querySelector("[data-make]");
    button.disabled = true;
    try {
      const answer = await post(form, "", button);
      if (answer.ok) {
        localStorage.removeItem(store(form));
        location.assign(answer.url); // the batch
        return;
      }
      if (answer.status === 409) { // the page again, with what to mend
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        say(form, page.querySelector("[data-said]")?.textContent ?? "");
        await price(form);
      } else say(form, answer.status === 401 ? signedOut : await answer.text());
    } catch {
      say(form, away);
    }
    button.disabled = false;
  });
});
