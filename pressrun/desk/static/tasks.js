// The tasks of an image batch in rows. They are what the document was read as; with the first change
// all of them are kept with the draft, and each change beside them under the row's own name.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const page = document.querySelector("[data-draft]");
  const panel = page?.querySelector("#tasks");
  if (!panel) return;
  const list = document.getElementById("task-rows");
  const said = document.getElementById("tasks-said");
  const words = document.getElementById("f-prompts");
  const rows = new Map(); // by id: { data, item }
  const mine = new Map(); // changes that the server may not have yet, by id
  let key = "";
  let edited = false;

  const make = (name, attributes = {}, ...children) => {
    const made = document.createElement(name);
    for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
    made.append(...children);
    return made;
  };
  const changeOf = (data) => ({ prompt: data.prompt, category: data.category, level: data.level, aspect_ratio: data.aspect_ratio ?? "", off: data.off });
  const change = (row) => {
    if (!edited) {
      edited = true;
      words.readOnly = true;
      const all = [...rows.values()].filter(({ data }) => !data.id.startsWith("a")).map(({ data }) => ({ ...(data.before ?? data), before: undefined }));
      page.dispatchEvent(new CustomEvent("change-value", { detail: { name: "rows", value: all } }));
    }
    mine.set(row.data.id, changeOf(row.data));
    page.dispatchEvent(new CustomEvent("change-value", { detail: { name: `row:${row.data.id}`, value: changeOf(row.data) } }));
  };
  const number = () => {
    let made = 0;
    for (const { data, item } of rows.values()) {
      const counts = !data.off && data.prompt.trim() !== "";
      if (counts) made += 1;
      item.querySelector(".n").textContent = counts ? made : "–";
    }
    said.textContent = made === rows.size ? String(made) : `${made} of ${rows.size} are made`;
  };

  const show = (row) => {
    const { data, item } = row;
    item.classList.toggle("off", data.off);
    item.querySelector("input[type=checkbox]").checked = !data.off;
    const about = [data.category, data.level, ...data.tags, data.aspect_ratio, ...data.beside].filter(Boolean).join(" · ");
    const open = item.querySelector(".words");
    if (open) {
      open.replaceChildren(make("span", { dir: "auto" }, data.prompt || "an empty prompt"));
      if (about) open.append(" ", make("small", { dir: "auto" }, about));
    }
    const problem = item.querySelector(".problem");
    problem.textContent = data.off ? "" : data.problem;
    problem.hidden = !problem.textContent;
  };
  const close = (row) => {
    const edit = row.item.querySelector(".edit");
    if (!edit || row.closing) return;
    row.closing = true; // taking the focused field away says focusout once more
    const button = make("button", { type: "button", class: "words", title: "Change this prompt" });
    button.addEventListener("click", () => open(row, "prompt"));
    edit.replaceWith(button);
    row.closing = false;
    show(row);
  };
  // As the batch's setting has them, and that of the prompt itself, which the model may not make.
  const ratios = (own) => {
    const made = [...page.querySelectorAll("[name=aspect_ratio] option")].map((option) => option.value);
    const values = [...new Set([...made, own].filter(Boolean))];
    return make("select", {}, make("option", { value: "" }, "that of the batch"), ...values.map((value) => make("option", { value }, value)));
  };
  const open = (row, field) => {
    const fields = make("div", { class: "edit" });
    const add = (name, label, control) => {
      control.value = row.data[name] ?? "";
      control.setAttribute("aria-label", `${label} of task ${row.item.querySelector(".n").textContent}`);
      control.dataset.field = name;
      control.dir = "auto";
      control.addEventListener("input", () => {
        row.data.before ??= { ...row.data };
        row.data[name] = control.value;
        change(row);
        number();
      });
      fields.append(make("label", {}, make("span", { class: "small" }, label), control));
    };
    add("prompt", "Prompt", make("textarea", { rows: "3", maxlength: "20000" }));
    add("category", "Category", make("input", { type: "text", maxlength: "200" }));
    add("level", "Level", make("input", { type: "text", maxlength: "100" }));
    add("aspect_ratio", "Aspect ratio", ratios(row.data.aspect_ratio));
    fields.addEventListener("focusout", (event) => {
      if (fields.contains(event.relatedTarget) || !document.hasFocus()) return;
      window.whenReleased(() => { if (!fields.contains(document.activeElement)) close(row); });
    });
    fields.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" && !(event.key === "Enter" && event.target.matches("input"))) return;
      event.preventDefault();
      close(row);
      row.item.querySelector(".words").focus();
    });
    row.item.querySelector(".words").replaceWith(fields);
    fields.querySelector(`[data-field="${field}"]`).focus();
  };

  const build = (data) => {
    const box = make("input", { type: "checkbox", "aria-label": "Make this" });
    const button = make("button", { type: "button", class: "words", title: "Change this prompt" });
    const item = make("li", { "data-id": data.id }, box, make("span", { class: "n" }), button, make("p", { class: "problem error" }));
    const row = { data, item };
    box.addEventListener("change", () => {
      row.data.before ??= { ...row.data };
      row.data.off = !box.checked;
      change(row);
      show(row);
      number();
    });
    button.addEventListener("click", () => open(row, "prompt"));
    if (data.id.startsWith("a")) {
      const remove = make("button", { type: "button", class: "plain remove" }, "Remove");
      remove.addEventListener("click", () => {
        rows.delete(data.id);
        mine.set(data.id, null);
        page.dispatchEvent(new CustomEvent("change-value", { detail: { name: `row:${data.id}`, value: null } }));
        const next = item.nextElementSibling ?? item.previousElementSibling;
        item.remove();
        number();
        (next?.querySelector("button") ?? document.getElementById("add-task")).focus();
      });
      item.append(remove);
    }
    rows.set(data.id, row);
    return row;
  };

  const tickAll = (ticked) => {
    for (const row of rows.values()) {
      if (row.data.off !== ticked) continue;
      row.data.before ??= { ...row.data };
      row.data.off = !ticked;
      change(row);
      show(row);
    }
    number();
  };
  document.getElementById("tick-all").addEventListener("click", () => tickAll(true));
  document.getElementById("untick-all").addEventListener("click", () => tickAll(false));

  const same = (one, other) => JSON.stringify(one) === JSON.stringify(other);
  const take = (found) => {
    const ids = new Set(found.map((data) => data.id));
    for (const [id, change] of mine) {
      const theirs = found.find((data) => data.id === id);
      if (change === null ? !theirs : theirs && same(changeOf(theirs), change)) mine.delete(id);
    }
    for (const [id, row] of rows) {
      if (ids.has(id) || mine.has(id)) continue;
      row.item.remove();
      rows.delete(id);
    }
    const fresh = [];
    for (const data of found) {
      if (mine.get(data.id) === null) continue;
      const row = rows.get(data.id) ?? build(data);
      if (!row.item.isConnected) fresh.push(row.item);
      const waits = mine.has(data.id) || row.item.querySelector(".edit");
      row.data = waits ? { ...row.data, problem: data.problem, beside: data.beside } : data;
      show(row);
    }
    list.append(...fresh);
    number();
  };

  let asking = false;
  const look = async () => {
    const mark = page.querySelector("[data-tasks-key]");
    panel.hidden = !mark && !rows.size;
    if (!mark) return;
    if (edited && !mark.dataset.edited) {
      // Another tab went back to the document, or this is older than the change: said once more.
      edited = false;
      for (const id of mine.keys()) if (rows.has(id)) change(rows.get(id));
    } else {
      edited = Boolean(mark.dataset.edited);
    }
    words.readOnly = edited || !(document.getElementById("file")?.hidden ?? true);
    if (asking || mark.dataset.tasksKey === key) return;
    asking = true;
    try {
      const answer = await fetch(panel.dataset.tasks, { headers: { "X-Desk": "1" }, cache: "no-store", signal: AbortSignal.timeout(20000) });
      if (answer.ok) {
        const found = await answer.json();
        key = found.key;
        take(found.rows);
      }
    } catch {
      // asked again with the next change; the page says that the desk does not answer
    }
    asking = false;
  };
  page.addEventListener("taken", look);
  page.addEventListener("theirs", (event) => {
    for (const name of Object.keys(event.detail)) mine.delete(name.replace(/^row:/, ""));
    key = "";
  });
  document.getElementById("add-task").addEventListener("click", () => {
    const row = build({ id: `a${Date.now().toString(36)}`, prompt: "", category: "", level: "", aspect_ratio: "", tags: [], beside: [], problem: "", off: false });
    mine.set(row.data.id, changeOf(row.data));
    list.append(row.item);
    show(row);
    number();
    open(row, "prompt");
  });
  look();
});
