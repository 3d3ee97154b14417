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
  const signedOut = () => {
    const words = "You are signed out. What you typed stays here.";
    document.dispatchEvent(new CustomEvent("signed-out", { detail: words })); // a banner leads to sign in
    return words;
  };
  const away = "The desk does not answer. What you typed stays here.";

  const show = (form, told) => {
    const button = form.querySelector("[data-make]");
    button.value = told.price;
    const wrong = Object.keys(told.wrong).length;
    button.textContent = told.button || "Make again";
    const why = wrong ? "What to mend stands beside the fields." : "Nothing is changed yet.";
    form.querySelector("[data-why]").textContent = told.button ? told.why ?? "" : why;
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
        say(form, signedOut());
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

  // What was uploaded is shown by its picture and name; the field itself, for addresses, only if
  // something else stands in it.
  const UPLOAD = /^upload:([0-9a-f]{64})\/(\S+)$/i;
  const PICTURE = /\.(jpe?g|jpe|jfif|jif|jfi|pjpeg|pjp|mpo|a?png|webp|hei[cf]|hif|avif)$/i; // an upload is named after what it is
  const showFiles = (form) => {
    for (const list of form.querySelectorAll("[data-given]")) {
      const field = form.elements.namedItem(list.dataset.given);
      const places = field.value.split(";").map((place) => place.trim()).filter(Boolean);
      const uploads = places.map((place) => UPLOAD.exec(place)).filter(Boolean);
      list.hidden = !uploads.length || uploads.length < places.length;
      field.hidden = !list.hidden;
      list.replaceChildren(...uploads.map(([place, digest, name]) => {
        const line = document.createElement("li");
        const picture = document.createElement("img");
        picture.hidden = !PICTURE.test(name);
        if (!picture.hidden) picture.src = `/uploads/${digest.toLowerCase()}/thumb`;
        picture.alt = "";
        const called = document.createElement("span");
        try {
          called.textContent = decodeURIComponent(name);
        } catch {
          called.textContent = name;
        }
        const out = document.createElement("button");
        out.type = "button";
        out.className = "plain";
        out.textContent = "Take out";
        out.setAttribute("aria-label", `Take out ${called.textContent}`);
        out.addEventListener("click", () => {
          field.value = places.filter((other) => other !== place).join("; ");
          field.dispatchEvent(new Event("input", { bubbles: true }));
          (field.hidden ? list.querySelector("button") : field).focus();
        });
        line.append(picture, called, out);
        return line;
      }));
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
    showFiles(form);
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
    showFiles(form);
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
      } else say(form, answer.status === 401 ? signedOut() : await answer.text());
    } catch {
      say(form, away);
    }
    button.disabled = false;
  });
});
