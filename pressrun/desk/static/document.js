// A document that is dropped or chosen: a text goes into the field, where it can be read and changed;
// a table, workbook or Word document is uploaded, and read in place of the field.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const page = document.querySelector("[data-draft]");
  const picker = page?.querySelector("#f-file");
  if (!picker) return;
  const words = page.querySelector("[data-document]");
  const zone = words.closest(".panel");
  const chip = document.getElementById("file");
  const said = document.getElementById("drop-said");
  // A table is read by its own reader, where the batch takes a file.
  const TEXTS = words.dataset.document ? /\.(md|markdown|txt|text|json|jsonl|opml)$/i : /\.(md|markdown|txt|text|json|jsonl|csv|tsv)$/i;
  // Articles may be about the pages that bookmarks, a page or a feed lead to: what is copied from a browser has no links.
  const PAGE = /\.html?$/i, LINKED = /\.(xml|rss|atom)$/i;
  const marked = (name) => PAGE.test(name) || (words.name === "items" && LINKED.test(name));
  const LARGEST = 2_000_000;

  const change = (name, value) => page.dispatchEvent(new CustomEvent("change-value", { detail: { name, value } }));
  const say = (text, undo) => {
    said.hidden = !text;
    said.textContent = text;
    if (!undo) return;
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = "Undo";
    button.addEventListener("click", () => { undo(); say(""); });
    said.append(" ", button);
  };
  const put = (text) => {
    words.value = text;
    words.dispatchEvent(new Event("input", { bubbles: true }));
  };
  const showFile = (reference) => {
    chip.hidden = !reference;
    const name = reference.split("/").pop();
    try { chip.querySelector("b").textContent = decodeURIComponent(name); } catch { chip.querySelector("b").textContent = name; }
    words.readOnly = Boolean(reference);
  };

  const asText = async (file) => {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let text;
    try { text = new TextDecoder("utf-8", { fatal: true }).decode(bytes); } catch { return false; }
    if (text.includes("\0") || text.length > LARGEST) return false;
    const before = words.value;
    if (!chip.hidden) { change("file", null); showFile(""); }
    put(text);
    if (before.trim() && before !== text) say(`${file.name} stands in place of what was here.`, () => put(before));
    return true;
  };
  const upload = async (file) => {
    if (!words.dataset.document) throw new Error("only texts are taken here, in UTF-8 and up to two million letters. Copy what is in it, and paste that.");
    const answer = await fetch(`${page.dataset.draft}/uploads`, {
      method: "POST",
      headers: { "X-Desk": "1", "X-Name": encodeURIComponent(file.name), "Content-Type": "application/octet-stream" },
      body: file,
    });
    if (!answer.ok) throw new Error(await answer.text());
    const { reference, media_type: type } = await answer.json();
    if (!/^text\/|json|csv|sheet|word|xml/.test(type)) throw new Error("it is no document of texts or rows.");
    const before = words.value;
    change("file", reference);
    showFile(reference);
    if (before.trim()) {
      put("");
      say(`${file.name} is read in place of the text that was here.`, () => { change("file", null); showFile(""); put(before); });
    }
  };
  const take = async (files) => {
    say("");
    const [file, ...others] = files;
    if (!file) return;
    if (words.readOnly && chip.hidden) { say("Your rows hold now. Go back to the document first, and then drop the file."); return; }
    try {
      if (/\.(doc|odt|rtf|pdf|pages)$/i.test(file.name)) throw new Error(words.dataset.document ? "files of this type are not read. Save it as DOCX, or open it, copy all, and paste it here." : "files of this type are not read. Open it, copy all, and paste it here.");
      say(`Reading ${file.name} …`);
      if ((TEXTS.test(file.name) || marked(file.name)) && await asText(file)) { if (said.textContent.startsWith("Reading")) say(""); } else { await upload(file); if (said.textContent.startsWith("Reading")) say(""); }
      if (others.length) say(`${file.name} was taken. ${others.length === 1 ? `${others[0].name} was` : `${others.length} more files were`} not: a batch is made of one document.`);
    } catch (error) {
      say(`${file.name}: ${error.message || "the desk does not answer"}`);
    }
  };

  picker.addEventListener("change", async () => { await take([...picker.files]); picker.value = ""; });
  document.getElementById("file-remove").addEventListener("click", () => { change("file", null); showFile(""); words.focus(); });
  for (const kind of ["dragover", "dragenter"]) {
    zone.addEventListener(kind, (event) => {
      if (![...event.dataTransfer.types].includes("Files")) return;
      event.preventDefault();
      event.stopPropagation();
      event.dataTransfer.dropEffect = "copy";
      zone.classList.add("dropping");
    });
  }
  zone.addEventListener("dragleave", (event) => { if (!zone.contains(event.relatedTarget)) zone.classList.remove("dropping"); });
  zone.addEventListener("drop", (event) => {
    zone.classList.remove("dropping");
    if (!event.dataTransfer.files.length) return;
    event.preventDefault();
    event.stopPropagation();
    take([...event.dataTransfer.files]);
  });
  words.addEventListener("paste", (event) => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length || event.clipboardData.types.includes("text/plain")) return;
    event.preventDefault();
    take(files);
  });
  if (!chip.hidden) words.readOnly = true;

  // Of a list with a bound no more can be ticked.
  const bound = () => {
    for (const list of page.querySelectorAll("fieldset.ticks")) {
      const boxes = [...list.querySelectorAll("[data-most]")];
      const full = boxes.filter((box) => box.checked).length >= Number(boxes[0]?.dataset.most);
      for (const box of boxes) box.disabled = full && !box.checked;
    }
  };
  page.addEventListener("input", bound);
  bound();
});
