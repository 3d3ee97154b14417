// One picture at a time, enlarged; without this script its link opens the file.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const light = document.getElementById("light");
  const part = (name) => light.querySelector(`.${name}`);
  let current = null;
  const all = () => [...document.querySelectorAll("a.shot")].filter((shot) => !shot.closest("[hidden]"));

  const show = (shot) => {
    const shots = all();
    const at = shots.indexOf(shot);
    current = shot;
    part("count").textContent = `${at + 1} of ${shots.length}`;
    part("title").textContent = shot.dataset.title;
    part("open").href = shot.href;
    part("previous").disabled = at <= 0;
    part("next").disabled = at + 1 >= shots.length;
    part("about").replaceChildren(...about(shot));
    draw(shot);
    const after = shots[at + 1];
    if (after?.dataset.full) new Image().src = after.dataset.full;
  };

  // What the page says of the picture already, said once more beside it.
  const about = (shot) => shot.dataset.about.split(" ").flatMap((id) => {
    const said = document.getElementById(id)?.cloneNode(true);
    if (!said) return [];
    for (const element of [said, ...said.querySelectorAll("[id]")]) element.removeAttribute("id");
    const shown = document.createElement("div");
    shown.className = said.className;
    shown.append(...said.childNodes);
    return [shown];
  });

  // The thumbnail at once, and the file in its place when it has come.
  const draw = (shot) => {
    const picture = part("picture");
    const small = shot.querySelector("img");
    const { full, width, height } = shot.dataset;
    const missed = (why) => { part("missed").textContent = why; };
    picture.alt = small?.alt ?? shot.textContent.trim();
    if (small) picture.src = small.src; else picture.removeAttribute("src");
    for (const [name, value] of Object.entries({ width, height })) {
      if (value) picture.setAttribute(name, value); else picture.removeAttribute(name);
    }
    missed(full ? "" : "This is a small version. Open the file to see all of it.");
    if (!full) return;
    const whole = new Image();
    whole.addEventListener("load", () => { if (current === shot) picture.src = whole.src; });
    whole.addEventListener("error", () => {
      if (current === shot) missed("The file is not beside this page; this is a small version.");
    });
    whole.src = full;
  };

  const step = (by) => {
    const shots = all();
    const to = shots[shots.indexOf(current) + by];
    if (to) show(to);
  };
  // In a comparison: the same model's picture of another prompt.
  const stepRow = (by) => {
    const column = all().filter((shot) => shot.dataset.column === current.dataset.column);
    const to = column[column.indexOf(current) + by];
    if (to) show(to);
  };

  document.addEventListener("click", (event) => {
    const shot = event.target.closest("a.shot");
    if (!shot || event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    light.showModal();
    show(shot);
  });
  part("previous").addEventListener("click", () => step(-1));
  part("next").addEventListener("click", () => step(1));
  part("close").addEventListener("click", () => light.close());
  light.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const rows = current.dataset.column && !event.target.closest("aside");
    const steps = {
      ArrowLeft: () => step(-1),
      ArrowRight: () => step(1),
      ...(rows && { ArrowUp: () => stepRow(-1), ArrowDown: () => stepRow(1) }),
    };
    if (!steps[event.key]) return;
    event.preventDefault();
    steps[event.key]();
  });
  // Where a person stepped to, not where they began.
  light.addEventListener("close", () => {
    current?.scrollIntoView({ block: "nearest", inline: "nearest" });
    current?.focus();
    part("picture").removeAttribute("src");
  });
});
