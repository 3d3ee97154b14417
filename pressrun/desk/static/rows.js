// The rows of a slideshow draft: pasted, typed, dropped, removed. A row that is worked on stays as it
// is when the page takes what is new; what the desk does not have yet is sent again until it has.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const page = document.querySelector("[data-draft]");
  const list = page?.querySelector("[data-rows]");
  if (!list) return;
  const kept = document.getElementById("kept");
  const LARGEST = 2_000_000;
  const cells = new Map(); // what was typed and the desk does not have yet: cells by row and name
  const timers = new Map();
  let queue = Promise.resolve(true);

  const say = (words, wrong = false, isOut = false) => window.sayIn(kept, words, wrong, isOut);
  const tell = (name, words, wrong = false) => {
    const box = page.querySelector(`[data-said="${name}"]`);
    if (!box) return;
    box.textContent = words;
    box.hidden = !words;
    box.classList.toggle("error", wrong);
  };
  const pause = (ms) => new Promise((done) => {
    setTimeout(done, ms);
    document.addEventListener("signed-in", done, { once: true });
  });
  const refresh = () => page.dispatchEvent(new Event("refresh"));

  // One act after another, each until the desk has answered; gives its answer.
  const act = (body) => {
    const done = queue.then(async () => {
      for (;;) {
        say("Saving …");
        try {
          const answer = await fetch(`${page.dataset.draft}/rows`, {
            method: "POST",
            headers: { "Content-Type": "application/json", "X-Desk": "1" },
            body: JSON.stringify(body),
            signal: AbortSignal.timeout(60000),
          });
          if (answer.ok) {
            say("Kept as a draft");
            // What was said of photos is over when others have rows.
            if (body.references || body.cell === "photo" || ["match", "remove", "clear"].includes(body.act)) tell("products", "");
            refresh();
            return { ok: true, ...await answer.json() };
          }
          if (answer.status !== 401 && answer.status < 502) {
            say("Kept as a draft");
            return { ok: false, status: answer.status, words: await answer.text(), refused: [] };
          }
          const isOut = answer.status === 401;
          say(isOut ? "Not kept yet: you are signed out." : `Not kept yet: ${await answer.text()} It is tried again.`, true, isOut);
        } catch {
          say("Not kept yet: the desk does not answer. It is tried again.", true);
        }
        await pause(4000);
      }
    });
    queue = done.then(() => true);
    return done;
  };

  // --- Links ---
  const paste = page.querySelector("[data-paste]");
  const setPaste = (text) => {
    paste.value = text;
    paste.dispatchEvent(new Event("input", { bubbles: true })); // the draft keeps it, too
  };
  const add = async (text, into = "") => {
    if (text.length > LARGEST) {
      tell("paste", `That is ${text.length.toLocaleString("en")} letters, and up to ${LARGEST.toLocaleString("en")} are read at once: nothing of it was taken. Paste it in parts.`, true);
      return true; // where it came from still has it; a field of that size would stop the page
    }
    tell("paste", "Reading …");
    const answer = await act({ act: "paste", text, id: into });
    tell("paste", answer.ok ? "" : answer.words, true);
    return answer.ok;
  };
  paste.addEventListener("paste", async (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (!text.trim() || paste.value.trim()) return;
    event.preventDefault();
    if (!(await add(text))) setPaste(text);
  });
  // Also where nothing is chosen to type into.
  document.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    if (document.activeElement !== document.body || !text.trim()) return;
    event.preventDefault();
    add(text).then((done) => { if (!done) setPaste(text); });
  });
  const addTyped = async () => {
    const text = paste.value;
    if (!text.trim()) return true;
    if (!(await add(text))) return false;
    if (paste.value === text) setPaste("");
    return true;
  };
  paste.addEventListener("keydown", (event) => { if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) addTyped(); });

  const column = page.querySelector("[data-column]");
  const fill = async (text, first = "") => {
    const answer = await act({ act: "column", text, id: first });
    tell("column", answer.words, !answer.ok);
    return answer.ok;
  };
  column.addEventListener("change", async () => {
    const text = column.value;
    if (text.trim() && await fill(text)) column.value = "";
  });
  column.addEventListener("paste", () => { setTimeout(() => column.dispatchEvent(new Event("change"))); });

  // --- Cells ---
  const keyOf = (field) => `${field.closest("[data-row]").dataset.row} ${field.dataset.field}`;
  const conflict = (field, row, words) => {
    const box = document.createElement("p");
    box.className = "error conflict";
    box.setAttribute("role", "alert");
    box.textContent = `${words} `;
    const choice = (text, then) => {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = text;
      button.addEventListener("click", () => { box.remove(); then(); });
      box.append(button, " ");
    };
    choice("Keep mine", () => { delete field.dataset.was; typed(field); });
    choice("Show theirs", () => { cells.delete(keyOf(field)); field.dataset.theirs = "1"; field.blur(); refresh(); });
    row.querySelector(".conflict")?.remove();
    field.after(box);
  };
  const sendCell = async (field) => {
    const key = keyOf(field);
    clearTimeout(timers.get(key));
    timers.delete(key);
    const row = field.closest("[data-row]");
    const value = field.value;
    cells.set(key, field);
    const answer = await act({ act: "cell", id: row.dataset.row, cell: field.dataset.field, value, was: field.dataset.was ?? null });
    if (answer.ok) {
      field.dataset.was = value;
      if (field.value === value) cells.delete(key);
      return true;
    }
    if (answer.status === 409) conflict(field, row, answer.words);
    else {
      cells.delete(key);
      say(answer.words, true);
    }
    return false;
  };
  const typed = (field) => {
    const key = keyOf(field);
    cells.set(key, field);
    clearTimeout(timers.get(key));
    timers.set(key, setTimeout(() => sendCell(field), 500));
  };
  list.addEventListener("input", (event) => { if (event.target.dataset.field) typed(event.target); });
  list.addEventListener("focusout", (event) => { if (event.target.dataset.field && timers.has(keyOf(event.target))) sendCell(event.target); });
  list.addEventListener("paste", (event) => {
    const text = event.clipboardData.getData("text/plain");
    const field = event.target.dataset?.field;
    if (!field || !/[\r\n]\s*\S/.test(text)) return;
    event.preventDefault();
    const row = event.target.closest("[data-row]").dataset.row;
    if (field === "link") add(text, row);
    else fill(text, row);
  });
  list.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && event.target.dataset.field === "description" && !event.shiftKey) {
      event.preventDefault();
      const next = event.target.closest("[data-row]").nextElementSibling;
      next?.querySelector('[data-field="description"]')?.focus();
    }
  });

  // --- Photos ---
  const options = (select) => {
    if (select.dataset.full === String(page.querySelector('[data-part="photo-list"]').options.length)) return;
    const now = select.value;
    const all = page.querySelector('[data-part="photo-list"]').cloneNode(true).options;
    const first = [...select.options].find((one) => one.value === now);
    const none = new Option("no photo of its own", "");
    select.replaceChildren(...(now ? [none] : []), first, ...[...all].filter((one) => one.value !== now));
    select.value = now;
    select.dataset.full = String(page.querySelector('[data-part="photo-list"]').options.length);
  };
  for (const moment of ["focusin", "pointerdown"]) {
    list.addEventListener(moment, (event) => { if (event.target.closest("[data-choose]")) options(event.target.closest("[data-choose]")); });
  }
  const choose = (row, reference) => act(reference
    ? { act: "main_photo", id: row, references: [reference] }
    : { act: "cell", id: row, cell: "photo", value: "", was: null });
  list.addEventListener("change", (event) => {
    if (event.target.dataset.choose !== undefined) choose(event.target.closest("[data-row]").dataset.row, event.target.value);
  });
  page.addEventListener("dragstart", (event) => {
    const photo = event.target.closest?.("[data-photo]");
    if (photo) event.dataTransfer.setData("text/x-photo", photo.dataset.photo);
  });
  const rowUnder = (event) => [...event.dataTransfer.types].includes("text/x-photo") && event.target.closest?.("[data-row]");
  page.addEventListener("dragover", (event) => { if (rowUnder(event)) event.preventDefault(); });
  page.addEventListener("drop", (event) => {
    const row = rowUnder(event);
    if (!row) return;
    event.preventDefault();
    addPhotos(row, row, [event.dataTransfer.getData("text/x-photo")]);
  });
  const addPhotos = async (row, area, references) => {
    const answer = await act({ act: "row_photo", id: row.dataset.row, references });
    if (answer.ok) tell("products", answer.words);
    else refuse(area, [answer.words]);
  };

  // Several photos of one product: moved, and taken out.
  const placesIn = (strip) => [...strip.children].map((one) => one.dataset.of);
  const arrange = async (strip, places) => {
    const row = strip.closest("[data-row]").dataset.row;
    const answer = await act({ act: "cell", id: row, cell: "photo", value: places.join("; "), was: strip.dataset.all });
    tell("products", answer.ok ? "" : answer.words, true);
    if (!answer.ok) refresh();
  };
  list.addEventListener("click", (event) => {
    const button = event.target.closest("[data-forward], [data-out]");
    if (!button) return;
    const [strip, one] = [button.closest(".strip"), button.closest("[data-of]").dataset.of];
    const forward = button.dataset.forward !== undefined;
    const places = placesIn(strip);
    const at = places.indexOf(one);
    places.splice(at, 1);
    if (forward) places.splice(at - 1, 0, one);
    arrange(strip, places);
  });
  let moved = null;
  list.addEventListener("dragstart", (event) => {
    moved = event.target.closest?.("[data-of]") ?? null;
    if (moved) event.dataTransfer.setData("text/x-place", moved.dataset.of); // some browsers drag nothing without
  });
  list.addEventListener("dragend", () => { moved = null; });
  const placeUnder = (event) => {
    const there = moved && event.target.closest?.("[data-of]");
    return there && there !== moved && there.parentElement === moved.parentElement ? there : null;
  };
  list.addEventListener("dragover", (event) => { if (placeUnder(event)) event.preventDefault(); });
  list.addEventListener("drop", (event) => {
    const there = placeUnder(event);
    if (!there) return;
    event.preventDefault();
    const strip = there.parentElement;
    const places = placesIn(strip);
    const to = places.indexOf(there.dataset.of);
    places.splice(places.indexOf(moved.dataset.of), 1);
    places.splice(to, 0, moved.dataset.of);
    arrange(strip, places);
  });

  // --- What was dropped ---
  const doesOf = (area) => area.closest("[data-does]")?.dataset.does;
  const refusals = (area) => { // a row has them only if it needs them
    const box = document.createElement("ul");
    box.dataset.refused = "";
    box.className = "error refused";
    const alert = document.createElement("div"); // a list with a role of its own is no list any more
    alert.setAttribute("role", "alert");
    alert.append(box);
    area.append(alert);
    return box;
  };
  const refuse = (area, words) => {
    if (!words.length) return;
    const box = area.querySelector("[data-refused]") ?? refusals(area);
    for (const one of words) {
      const line = document.createElement("li");
      line.textContent = one;
      box.append(line);
    }
    box.hidden = false;
  };
  // What became no row is said until a person has seen it: the next drop says other things.
  const lose = (area, words) => {
    const line = document.createElement("p");
    line.className = "error";
    line.setAttribute("role", "alert");
    line.textContent = `${words} `;
    const seen = document.createElement("button");
    seen.type = "button";
    seen.className = "plain";
    seen.textContent = "Seen";
    seen.addEventListener("click", () => line.remove());
    line.append(seen);
    area.after(line);
  };
  const few = [];
  const products = async (area, last) => {
    const files = few.splice(0);
    if (!files.length && !last) return;
    const folders = Object.fromEntries(files.filter((file) => file.path).map((file) => [file.reference, file.path]));
    const answer = await act({ act: "products", references: files.map((file) => file.reference), folders, last });
    refuse(area, answer.ok ? answer.refused : [answer.words]);
    if (last) tell("products", answer.ok ? answer.words : "");
  };
  page.addEventListener("uploaded", (event) => {
    if (doesOf(event.target) !== "products") return;
    few.push(event.detail);
    if (few.length >= 20) products(event.target, false);
  });
  page.addEventListener("dropped", async (event) => {
    const [area, files, does] = [event.target, event.detail, doesOf(event.target)];
    if (does === "products") {
      await products(area, true);
      return;
    }
    if (!files.length) return;
    if (does === "row_photo") {
      await addPhotos(area.closest("[data-row]"), area, files.map((file) => file.reference));
    } else if (does === "photo_for_all") {
      const answer = await act({ act: "photo_for_all", references: files.map((file) => file.reference) });
      if (!answer.ok) refuse(area, [answer.words]);
    } else if (does === "slides") {
      const shows = new Map();
      for (const [at, file] of files.entries()) {
        const zip = file.media_type === "application/zip";
        const name = zip ? `zip ${at}` : file.folder;
        if (!shows.has(name)) shows.set(name, []);
        shows.get(name).push(file);
      }
      for (const show of shows.values()) {
        const name = show[0].folder || ""; // of a ZIP, the desk takes its own name
        const answer = await act({ act: "slides", references: show.map((file) => file.reference), value: name });
        if (answer.ok) refuse(area, answer.refused);
        else lose(area, `${name ? `“${name}” was not taken. ` : ""}${answer.words}`);
      }
    }
  });

  // --- Buttons ---
  const nextIncomplete = () => {
    const bad = [...list.querySelectorAll(".incomplete")];
    const here = bad.indexOf(document.activeElement?.closest?.("[data-row]"));
    const row = bad[(here + 1) % bad.length];
    row?.scrollIntoView({ block: "center" });
    const wants = row?.querySelector(".verdict.bad") ? row.querySelector('[data-field="link"]') : null;
    (wants ?? row?.querySelector(row.querySelector(".photo img") ? '[data-field="description"]' : "[data-choose]"))?.focus({ preventScroll: true });
  };
  page.addEventListener("click", async (event) => {
    const button = event.target.closest("button");
    const row = button?.closest("[data-row]");
    const photo = button?.closest("[data-photo]")?.dataset.photo;
    if (!button) return;
    if (button.dataset.remove !== undefined) {
      const next = row.nextElementSibling ?? row.previousElementSibling;
      (next?.querySelector("[data-remove]") ?? paste).focus({ preventScroll: true });
      act({ act: "remove", id: row.dataset.row });
    } else if (button.dataset.again !== undefined) act({ act: "look_again" });
    else if (button.dataset.forAll !== undefined) act({ act: "photo_for_all", references: [photo] });
    else if (button.dataset.forget !== undefined) act({ act: "forget_photo", references: [photo] });
    else if (button.dataset.act === "paste") {
      if (!paste.value.trim()) tell("paste", "Nothing to add yet: paste links into the field.", true);
      addTyped();
      paste.focus();
    }
    else if (button.dataset.act === "next") nextIncomplete();
    else if (button.dataset.act === "blank") {
      const id = crypto.randomUUID?.().replaceAll("-", "").slice(0, 12) ?? String(Math.random()).slice(2, 14);
      newest = id;
      act({ act: "blank", id });
    } else if (button.dataset.act) {
      const answer = await act({ act: button.dataset.act });
      if (button.dataset.act === "match") tell("products", answer.words);
    }
  });
  let newest = "";

  // --- What is new ---
  const shownAs = new Map(); // each part of a row as it came
  const noted = (row) => { for (const cell of row.querySelectorAll("[data-cell]")) shownAs.set(`${row.dataset.row} ${cell.dataset.cell}`, cell.outerHTML); };
  // After a photo was moved or taken out, the focus stays with it, or goes to the next one.
  const focusAgain = (row, strip, button) => {
    const of = button.closest("[data-of]").dataset.of;
    const one = [...strip.children].find((there) => there.dataset.of === of) ?? strip.firstElementChild;
    const same = one?.querySelector(button.dataset.forward === undefined ? "[data-out]" : "[data-forward]");
    (same ?? one?.querySelector("button") ?? row.querySelector("[data-choose]")).focus({ preventScroll: true });
  };
  const taken = (old, fresh) => {
    old.className = fresh.className + (old.classList.contains("over") ? " over" : "");
    for (const cell of fresh.querySelectorAll("[data-cell]")) {
      const key = `${fresh.dataset.row} ${cell.dataset.cell}`;
      const there = old.querySelector(`[data-cell="${cell.dataset.cell}"]`);
      const focused = there.contains(document.activeElement) ? document.activeElement : null;
      if (shownAs.get(key) === cell.outerHTML || (focused && cell.dataset.cell !== "photos")) continue;
      shownAs.set(key, cell.outerHTML);
      there.replaceWith(cell);
      if (focused) focusAgain(old, cell, focused);
    }
    for (const field of fresh.querySelectorAll("[data-field]")) {
      const there = old.querySelector(`[data-field="${field.dataset.field}"]`);
      for (const name of ["aria-label", "placeholder"]) if (field.hasAttribute(name)) there.setAttribute(name, field.getAttribute(name));
      const busy = cells.has(keyOf(there)) || (document.activeElement === there && !there.dataset.theirs);
      if (busy || there.dataset.was === field.dataset.was) continue;
      delete there.dataset.theirs;
      there.dataset.was = field.dataset.was;
      there.value = field.value;
    }
    old.querySelector("[data-remove]").setAttribute("aria-label", fresh.querySelector("[data-remove]").getAttribute("aria-label"));
  };
  page.addEventListener("taken", (event) => {
    const fresh = event.detail.querySelector("[data-rows]");
    if (!fresh) return;
    const there = new Map([...list.children].map((row) => [row.dataset.row, row]));
    let at = list.firstElementChild;
    let below = null; // the first new row
    for (const row of [...fresh.children]) {
      const old = there.get(row.dataset.row);
      there.delete(row.dataset.row);
      if (!old) {
        noted(row);
        list.insertBefore(row, at);
        below ??= row;
        continue;
      }
      taken(old, row);
      if (old === at) at = at.nextElementSibling;
      else list.insertBefore(old, at);
    }
    for (const gone of there.values()) gone.remove();
    // The list scrolls by itself: what is new shall be in its sight, and the page stays where it is.
    if (below) list.scrollTop = below.offsetTop - list.offsetTop;
    if (newest) {
      list.querySelector(`[data-row="${newest}"] [data-field]`)?.focus();
      newest = "";
    }
  });
  for (const row of list.children) noted(row);

  const flush = async () => {
    if (!(await addTyped())) return false;
    const done = await Promise.all([...timers.keys()].map((key) => sendCell(cells.get(key))));
    await queue;
    return !done.includes(false) && !cells.size;
  };
  page.addEventListener("keep-now", (event) => { event.detail.push(flush()); });
  window.addEventListener("beforeunload", (event) => { if (cells.size) { for (const field of cells.values()) sendCell(field); event.preventDefault(); } });
});
