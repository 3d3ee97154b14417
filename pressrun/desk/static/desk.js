// Keeps what is live on the page up to date, asks before something is done. Works without: links
// lead to pages of their own, and a reload shows what is new.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";

  // Moments in the reader's own time zone.
  const localise = (root) => {
    for (const time of root.querySelectorAll("time[data-as]")) {
      const at = new Date(time.dateTime);
      const two = (number) => String(number).padStart(2, "0");
      const clock = `${two(at.getHours())}:${two(at.getMinutes())}`;
      time.textContent = time.dataset.as === "time"
        ? `${clock}:${two(at.getSeconds())}`
        : `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${clock}`;
    }
  };

  const banner = document.createElement("p");
  banner.className = "banner wide lost";
  banner.setAttribute("role", "status");
  banner.hidden = true;
  document.querySelector("nav.top").append(banner); // in sight wherever one is
  const say = (words, out = false) => {
    banner.hidden = !words;
    banner.textContent = words;
    if (words && out) banner.append(" ", signInLink());
  };
  // Opens in another tab: what is typed here stays, and goes on when somebody is signed in again.
  const signInLink = () => Object.assign(document.createElement("a"), { href: "/sign-in", target: "_blank", textContent: "Sign in (a new tab)" });

  // What is pressed stays under the pointer until its click has come: a button that was drawn anew, or
  // that moved, between the two would not get it.
  let isPressed = false;
  const waiting = [];
  const released = () => {
    isPressed = false;
    for (const then of waiting.splice(0)) then();
  };
  document.addEventListener("mousedown", () => {
    isPressed = true;
    setTimeout(released, 2000); // a drag or an opened list may end without a word
  }, true);
  document.addEventListener("mouseup", () => { setTimeout(released); }, true);
  window.whenReleased = (then) => { if (isPressed) waiting.push(then); else then(); };

  // What is scrolled to, by a link or the keyboard, stops above the bar at the end of the page.
  const bar = document.querySelector("main .bar");
  if (bar) new ResizeObserver(() => document.documentElement.style.setProperty("--bar", `${bar.offsetHeight}px`)).observe(bar);

  // Replaces only the parts that changed, so that a focus, a selection and pictures stay.
  const shown = new Map();
  const take = (box, content) => {
    for (const part of content.querySelectorAll("[data-part]")) {
      const name = part.dataset.part;
      const old = box.querySelector(`[data-part="${name}"]`);
      if (!old || shown.get(name) === part.outerHTML) continue;
      shown.set(name, part.outerHTML);
      const active = old.contains(document.activeElement) ? document.activeElement : null;
      const again = active?.id ? `#${CSS.escape(active.id)}` : active?.getAttribute("href") ? `[href="${CSS.escape(active.getAttribute("href"))}"]` : "";
      localise(part);
      for (const open of old.querySelectorAll("details[id][open]")) part.querySelector(`#${CSS.escape(open.id)}`)?.setAttribute("open", "");
      old.replaceWith(part);
      if (again) part.querySelector(again)?.focus({ preventScroll: true });
    }
    box.dispatchEvent(new CustomEvent("taken", { detail: content })); // others of a page take what is no part
  };

  const follow = (box) => {
    for (const part of box.querySelectorAll("[data-part]")) shown.set(part.dataset.part, part.outerHTML);
    let tag = "";
    let timer = 0;
    const every = () => 1000 * Number(box.querySelector("[data-every]")?.dataset.every ?? 5);
    const ask = async () => {
      clearTimeout(timer);
      if (document.hidden) return; // asked again when it is looked at
      try {
        const answer = await fetch(box.dataset.live, {
          headers: { "X-Desk": "1", ...(tag && { "If-None-Match": tag }) },
          cache: "no-store",
          signal: AbortSignal.timeout(15000),
        });
        if (answer.status === 401) {
          signedOut("You are signed out, so this page stands still.");
          return; // refreshed when somebody is signed in
        }
        if (answer.status === 205) {
          location.reload();
          return;
        }
        if (answer.status === 200) {
          tag = answer.headers.get("ETag") ?? "";
          const page = new DOMParser().parseFromString(await answer.text(), "text/html");
          await new Promise(window.whenReleased);
          take(box, page);
          say("");
        } else if (answer.status === 304) {
          say("");
        } else {
          say(await answer.text());
        }
      } catch {
        say("The desk does not answer. This page goes on by itself when it is back.");
      }
      timer = setTimeout(ask, every());
    };
    document.addEventListener("visibilitychange", () => { if (!document.hidden) ask(); });
    box.addEventListener("refresh", ask); // something was just changed
    timer = setTimeout(ask, every());
  };
  for (const box of document.querySelectorAll("[data-live]")) follow(box);
  localise(document);

  // A form is sent only by somebody who is signed in: the page to sign in would take its place, and
  // with it what was typed. Forms that scripts of their own send take care of it themselves.
  document.addEventListener("submit", async (event) => {
    const { target: form, submitter } = event;
    if (event.defaultPrevented || form.method !== "post" || form.matches("[data-mend], [data-open]") || form.dataset.sent || form.dataset.asked === "now") return;
    event.preventDefault();
    event.stopPropagation();
    if (form.dataset.asked) return; // a double click
    form.dataset.asked = "soon";
    try {
      const answer = await fetch("/signed-in", { headers: { "X-Desk": "1" }, cache: "no-store", signal: AbortSignal.timeout(15000) });
      if (answer.status === 401) {
        signedOut("You are signed out, so nothing was sent. What you typed stays here: sign in in another tab, then send it again.");
        return;
      }
      if (!answer.ok) throw new Error("away");
      say("");
      form.dataset.asked = "now";
      form.requestSubmit(submitter);
    } catch {
      say("The desk does not answer, so nothing was sent. What you typed stays here: send it again when the desk is back.");
    } finally {
      delete form.dataset.asked;
    }
  }, true);

  // Who is signed out is led to sign in, in another tab; once that is done, nothing says so any more.
  let asks = 0;
  document.addEventListener("signed-out", ({ detail }) => {
    say(detail, true);
    clearInterval(asks);
    asks = setInterval(async () => {
      if (document.hidden) return;
      try {
        const answer = await fetch("/signed-in", { headers: { "X-Desk": "1" }, cache: "no-store", signal: AbortSignal.timeout(5000) });
        if (!answer.ok) return;
        clearInterval(asks);
        say("");
        document.dispatchEvent(new Event("signed-in"));
        for (const box of document.querySelectorAll("[data-live]")) box.dispatchEvent(new Event("refresh"));
      } catch { /* asked again */ }
    }, 2000);
  });
  // Says it also where it was to be kept; the link is of use there.
  window.sayIn = (place, words, isWrong, isOut = false) => {
    place.textContent = words;
    place.classList.toggle("error", isWrong);
    if (!isOut) return;
    place.append(" ", signInLink());
    document.dispatchEvent(new CustomEvent("signed-out", { detail: "You are signed out. What you typed stays here, and is kept as soon as you are signed in." }));
  };
  const signedOut = (words) => document.dispatchEvent(new CustomEvent("signed-out", { detail: words }));

  // A question stands over the page that it is about.
  const dialog = document.getElementById("dialog");
  document.addEventListener("click", async (event) => {
    if (event.button || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    if (event.target.closest("[data-close]") && dialog.open) {
      event.preventDefault();
      dialog.close();
      return;
    }
    const link = event.target.closest("a[data-ask]");
    if (!link) return;
    event.preventDefault();
    try {
      const answer = await fetch(link.href, { cache: "no-store", signal: AbortSignal.timeout(20000) });
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      const question = page.querySelector(".question");
      if (!question) {
        location.assign(link.href); // it says there what is wrong
        return;
      }
      dialog.replaceChildren(question);
      dialog.showModal();
    } catch {
      say("The desk does not answer. Try again.");
    }
  });
  dialog.addEventListener("submit", (event) => {
    const button = event.target.querySelector("button");
    // After the form is sent: a disabled button would not send it.
    setTimeout(() => {
      if (event.defaultPrevented) return; // a script sends it
      button.disabled = true;
      button.textContent = "One moment …";
    });
  });

  // How many of a page's boxes are ticked stands in its bar.
  for (const form of document.querySelectorAll("[data-ticks]")) {
    const count = () => {
      const said = form.querySelector("[data-ticked]");
      said.hidden = false;
      said.textContent = `${form.querySelectorAll("[type=checkbox]:checked").length} ticked`;
    };
    form.addEventListener("change", count);
    window.addEventListener("pageshow", count); // also of a page that the browser shows again
  }
});
