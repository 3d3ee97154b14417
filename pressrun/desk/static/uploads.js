// Sends files that are dropped on an area or chosen in it, a few at a time. What is refused is named
// with its reason beside the area, and the others go on; what could not be sent is sent again.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const page = document.querySelector("[data-draft]") ?? document.body; // a batch is mended without a draft
  const AT_ONCE = 4;
  const areas = new Map(); // what goes on, by area

  const sent = (file, area, moved) => new Promise((resolve) => {
    const request = new XMLHttpRequest();
    request.open("POST", area.dataset.uploads ?? `${page.dataset.draft}/uploads?to=${encodeURIComponent(area.dataset.to ?? "")}`);
    request.setRequestHeader("X-Desk", "1");
    request.setRequestHeader("X-Name", encodeURIComponent(file.name.toWellFormed?.() ?? file.name));
    request.upload.addEventListener("progress", (event) => moved(event.loaded));
    for (const end of ["load", "error", "timeout"]) request.addEventListener(end, () => resolve(request));
    request.send(file);
  });
  const pause = (ms) => new Promise((done) => { setTimeout(done, ms); });

  // A row has these only if it needs them.
  const within = (area, name, tag, role) => {
    let box = area.querySelector(`[data-${name}]`);
    if (!box) {
      box = document.createElement(tag);
      box.setAttribute(`data-${name}`, "");
      box.className = tag === "ul" ? "error refused" : "small";
      // Around it: a list that has a role of its own is no list any more.
      const said = document.createElement("div");
      said.setAttribute("role", role);
      said.append(box);
      area.append(said);
    }
    return box;
  };
  const progressOf = (area) => within(area, "progress", "p", "status");
  const refusedOf = (area) => within(area, "refused", "ul", "alert");

  const told = (area, state) => {
    const box = progressOf(area);
    if (state.waits) {
      box.textContent = state.waits;
    } else if (state.done < state.total) {
      const percent = state.bytes ? Math.floor((100 * [...state.moved.values()].reduce((a, b) => a + b, 0)) / state.bytes) : 0;
      box.textContent = `Uploading: ${state.done} of ${state.total} (${Math.min(percent, 99)}%) …`;
    } else {
      box.textContent = "";
    }
  };
  const refuse = (area, words) => {
    const list = refusedOf(area);
    const line = document.createElement("li");
    line.textContent = words;
    list.append(line);
    list.hidden = false;
    while (list.children.length > 30) list.firstChild.remove();
  };

  const one = async (area, state, file) => {
    for (;;) {
      const answer = await sent(file, area, (bytes) => { state.moved.set(file, bytes); told(area, state); });
      state.waits = "";
      if (answer.status === 200) {
        state.moved.set(file, file.size);
        return JSON.parse(answer.responseText);
      }
      if (answer.status === 401 || answer.status === 0 || answer.status === 503) {
        // A file that was moved or changed since cannot be read: that is no matter of the desk's.
        if (answer.status === 0 && !(await file.slice(0, 1).arrayBuffer().then(() => true, () => false))) {
          refuse(area, `“${file.name}” cannot be read any more. Choose it again.`);
          return null;
        }
        const out = "You are signed out. The upload goes on by itself when you are signed in.";
        if (answer.status === 401) document.dispatchEvent(new CustomEvent("signed-out", { detail: out }));
        state.waits = answer.status === 401 ? out : "The desk does not answer. The upload goes on by itself when it does.";
        told(area, state);
        await pause(4000);
        continue;
      }
      refuse(area, answer.responseText || `“${file.name}” was refused.`);
      return null;
    }
  };

  const upload = async (area, files) => {
    const most = Number(area.dataset.most || 1);
    refusedOf(area).replaceChildren();
    refusedOf(area).hidden = true;
    if (files.length > most) {
      refuse(area, most === 1
        ? `${files.length} files are too many here: give one.`
        : `${files.length.toLocaleString("en")} files are too many for one batch: at most ${most} at a time. None of them was taken.`);
      return;
    }
    const state = areas.get(area) ?? { total: 0, done: 0, bytes: 0, moved: new Map(), waits: "" };
    areas.set(area, state);
    state.total += files.length;
    state.bytes += files.reduce((sum, { file }) => sum + file.size, 0);
    told(area, state);
    // Several are under way at once; they are handed on in the order in which they were dropped.
    const left = [...files.entries()];
    const answers = [];
    const done = [];
    let next = 0;
    const work = async () => {
      for (let [at, file] = left.shift() ?? []; file; [at, file] = left.shift() ?? []) {
        answers[at] = { ...await one(area, state, file.file), folder: file.folder, path: file.path };
        state.done += 1;
        told(area, state);
        for (; answers[next]; next += 1) {
          if (!answers[next].reference) continue; // it was refused
          done.push(answers[next]);
          area.dispatchEvent(new CustomEvent("uploaded", { bubbles: true, detail: answers[next] }));
        }
      }
    };
    await Promise.all(Array.from({ length: AT_ONCE }, work));
    if (state.done === state.total) {
      areas.delete(area);
      progressOf(area).textContent = "";
    }
    area.dispatchEvent(new CustomEvent("dropped", { bubbles: true, detail: done }));
    page.dispatchEvent(new Event("refresh"));
  };

  // A dropped folder stands for the files in it; it has no order of its own: 2 comes before 10.
  const inFolder = async (entry, folder, path = "") => {
    if (entry.isFile) return [{ file: await new Promise((good, bad) => { entry.file(good, bad); }), folder, path }];
    const reader = entry.createReader();
    const found = [];
    const entries = [];
    for (;;) {
      const some = await new Promise((good, bad) => { reader.readEntries(good, bad); });
      if (!some.length) break;
      entries.push(...some);
    }
    entries.sort((one, other) => one.name.localeCompare(other.name, "en", { numeric: true }));
    const here = path ? `${path}/${entry.name}` : entry.name;
    for (const inner of entries) found.push(...await inFolder(inner, folder || entry.name, here));
    return found;
  };
  const filesOf = async (transfer) => {
    const entries = [...transfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
    const plain = [...transfer.files].map((file) => ({ file, folder: "" }));
    if (!entries.some((entry) => entry.isDirectory)) return plain;
    const found = [];
    for (const entry of entries) found.push(...await inFolder(entry, ""));
    return found.filter(({ file }) => !file.name.startsWith("."));
  };
  const areaOf = (event) => event.target.closest?.("[data-drop]");
  // A picture that is dragged within the page would count as a file, too.
  let ours = false;
  document.addEventListener("dragstart", () => { ours = true; });
  document.addEventListener("dragend", () => { ours = false; });
  const brings = (event) => !ours && [...(event.dataTransfer?.types ?? [])].includes("Files");
  let over = null;
  const mark = (area) => {
    over?.classList.remove("over");
    over = area;
    over?.classList.add("over");
  };
  // Also outside of every area: else the browser opens the file, and the page is gone.
  document.addEventListener("dragover", (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    mark(areaOf(event));
    event.dataTransfer.dropEffect = over ? "copy" : "none";
  });
  document.addEventListener("dragleave", (event) => { if (!event.relatedTarget) mark(null); });
  document.addEventListener("drop", async (event) => {
    if (!brings(event)) return;
    event.preventDefault();
    const area = areaOf(event);
    mark(null);
    if (area) upload(area, await filesOf(event.dataTransfer));
  });
  page.addEventListener("change", (event) => {
    const area = event.target.type === "file" && areaOf(event);
    if (!area) return;
    const files = [...event.target.files].map((file) => ({ file, folder: "" }));
    event.target.value = "";
    upload(area, files);
  });
  window.addEventListener("beforeunload", (event) => { if (areas.size) event.preventDefault(); });
});
