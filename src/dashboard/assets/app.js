// What pages do beyond links and forms: keys, copying, menus, dialogs, refusals beside their field, ages that go on. Every
// page reads without it. It holds no sentence: those come from the server. What follows events is in live.js.
(() => {
  "use strict";
  const root = document.documentElement;
  root.classList.remove("no-script");
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const say = (text) => { const live = find("#announcer"); if (live && text) live.textContent = text; };

  // Keys: `/` goes to the search, Escape closes what is open.
  addEventListener("keydown", (event) => {
    const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
    if (event.key === "/" && !typing && !event.ctrlKey && !event.metaKey && !event.altKey) {
      const search = find("[data-search]");
      if (search) { event.preventDefault(); search.focus(); search.select(); }
    }
    if (event.key === "Escape") {
      for (const menu of all("details.menu[open]")) {
        menu.open = false;
        find("summary", menu)?.focus();
      }
    }
  });

  // Menus close when one goes elsewhere.
  const closeOthers = (event) => {
    for (const menu of all("details.menu[open]")) if (!menu.contains(event.target)) menu.open = false;
  };
  addEventListener("click", closeOthers);
  addEventListener("focusin", closeOthers);

  addEventListener("click", async (event) => {
    const copy = event.target.closest("[data-copy]");
    if (copy) {
      try { await navigator.clipboard.writeText(copy.dataset.copy); } catch { return; }
      copy.dataset.done = "";
      find("use", copy)?.setAttribute("href", copy.dataset.iconDone);
      say(copy.dataset.said);
      setTimeout(() => {
        delete copy.dataset.done;
        find("use", copy)?.setAttribute("href", copy.dataset.icon);
      }, 1600);
      return;
    }
    const opener = event.target.closest("[data-opens]");
    if (opener) {
      const dialog = document.getElementById(opener.dataset.opens);
      if (dialog?.showModal) { event.preventDefault(); dialog.showModal(); }
      return;
    }
    const dialog = event.target.closest("[data-closes]")?.closest("dialog");
    if (dialog) { event.preventDefault(); dialog.close(); }
  });

  // On a narrow screen the tab that one is at is scrolled into sight, and nothing else moves.
  const showTabs = () => {
    for (const tab of all(".tabs [aria-current]")) {
      const [around, own] = [tab.parentElement, tab.getBoundingClientRect()];
      const box = around.getBoundingClientRect();
      if (own.left < box.left || own.right > box.right) around.scrollLeft += own.left - box.left - (box.width - own.width) / 2;
    }
  };
  showTabs();
  document.fonts?.ready.then(showTabs);
  addEventListener("htmx:afterSettle", showTabs);

  // A dialog that came with an answer opens by itself.
  addEventListener("htmx:afterSwap", (event) => {
    for (const dialog of all("dialog[data-open]", event.target)) if (!dialog.open) dialog.showModal();
    // What was just done comes before how many there are.
    const told = find("[data-announce]", event.target);
    if (told) say(find("#found [role=status]", event.target)?.innerText || told.dataset.announce);
    const notice = event.target.id === "notices" && event.target.firstElementChild;
    if (notice) refuse(notice, event.detail.requestConfig?.elt?.closest?.("form"));
  });

  // A refusal is shown where it is seen: beside the field that it is about, else in the dialog that is open, whose page is
  // out of reach, else at the top of the page.
  const refuse = (notice, form) => {
    for (const fault of form ? all(".fault", form) : []) fault.remove();
    for (const field of form ? all("[aria-invalid]", form) : []) field.removeAttribute("aria-invalid");
    const name = notice.dataset.field && CSS.escape(notice.dataset.field);
    const named = name && form && find(`[name="${name}"], [data-field-of~="${name}"]`, form);
    const field = named && named.type !== "hidden" ? named : null;
    if (!field && !form?.closest("dialog[open]")) {
      notice.scrollIntoView({ block: "center" });
      return;
    }
    const fault = document.createElement("p");
    fault.className = "fault";
    fault.append(...[...find("div", notice).childNodes].map((node) => node.cloneNode(true)));
    if (!field) {
      fault.setAttribute("role", "alert");
      form.append(fault);
      fault.scrollIntoView({ block: "nearest" });
      return;
    }
    // Said aloud all the same, and seen once.
    notice.classList.add("hidden-text");
    fault.id = `fault-${field.id}`;
    (field.closest(".row") ?? field).after(fault);
    field.setAttribute("aria-invalid", "true");
    field.setAttribute("aria-describedby", [field.getAttribute("aria-describedby"), fault.id].filter(Boolean).join(" "));
    field.focus();
  };
  // Answers of errors are shown too: they say what to do.
  addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status >= 400 && event.detail.xhr.getResponseHeader("HX-Retarget")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  addEventListener("htmx:sendError", (event) => {
    const form = event.detail.elt.closest?.("form");
    // What somebody sends is not sent again by itself.
    const isSent = form?.method === "post";
    const notice = find(isSent ? "#unsent" : "#offline");
    notice?.removeAttribute("hidden");
    if (notice && isSent) refuse(notice, form);
  });
  // What a page asks by itself tells that the session is over, and it is not asked again.
  addEventListener("htmx:afterRequest", ({ detail }) => {
    if (detail.xhr.status !== 401 || !detail.requestConfig?.headers["X-By-Itself"]) return;
    find("#session-over")?.removeAttribute("hidden");
    const still = detail.elt.cloneNode(true);
    for (const name of ["hx-get", "hx-trigger"]) still.removeAttribute(name);
    detail.elt.replaceWith(still);
  });
  // What was refused is another wish when it is sent again. Where nobody knows what became of it, it stays the same one.
  addEventListener("htmx:afterRequest", ({ detail }) => {
    const key = detail.elt.closest?.("form")?.elements.namedItem("key");
    if (!key || detail.xhr.status < 400 || detail.xhr.status >= 500 || detail.xhr.status === 401) return;
    const random = crypto.getRandomValues(new Uint8Array(16));
    key.value = [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  });
  // What became of what was sent is known once a form that sends is answered. An answer of 5xx, or to who is signed out, tells nothing.
  addEventListener("htmx:afterRequest", ({ detail }) => {
    const { status } = detail.xhr;
    if (!status || status >= 500 || status === 401 || detail.elt.closest?.("form")?.method !== "post") return;
    find("#unsent")?.setAttribute("hidden", "");
  });
  // What went wrong is over when something goes well again; that the stream is away is over when it is back.
  addEventListener("htmx:afterRequest", ({ detail }) => {
    if (!detail.successful || detail.xhr.status >= 400) return;
    find("#notices")?.replaceChildren();
    const { stream, followed } = document.body.dataset;
    if (!stream || followed !== undefined) find("#offline")?.setAttribute("hidden", "");
  });

  // What leads back to a page leads to it as it is by now, after the script changed its address.
  const leadBackHere = () => {
    const here = location.pathname + location.search;
    for (const way of all("a[href*='?'][href*='next=']")) {
      const address = new URL(way.href);
      address.searchParams.set("next", here);
      way.setAttribute("href", address.pathname + address.search);
    }
    find("#session-over a")?.setAttribute("href", here);
  };
  addEventListener("htmx:pushedIntoHistory", leadBackHere);
  addEventListener("htmx:replacedInHistory", leadBackHere);

  // And an order leads back to the list that it was opened from, after its own forms too.
  const leadBackToList = () => {
    const way = find("[data-back]");
    if (!way) return;
    const [key, list] = [`list of ${location.pathname}`, way.getAttribute("href")];
    try {
      if (way.dataset.back === "list") sessionStorage.setItem(key, list);
      else way.setAttribute("href", sessionStorage.getItem(key) ?? list);
    } catch { /* A browser that keeps nothing leads to the whole list. */ }
  };
  leadBackToList();
  addEventListener("htmx:afterSettle", leadBackToList);

  // An address that answered a form is not asked for again with the form, if the page is loaded anew.
  const own = find("[data-own-address]")?.dataset.ownAddress;
  if (own) history.replaceState(null, "", own);

  // Ages go on while one reads, by the clock of the service, which wrote the page just now: the reader's may be off.
  const behind = Date.parse(document.body.dataset.now) - Date.now() || 0;
  const ages = (document.body.dataset.ages || "").split("|");
  const ageOf = (seconds) => {
    const said = (which, count) => ages[which].replace("#", String(Math.floor(count)));
    if (seconds < 60) return ages[0];
    if (seconds < 3600) return said(1, seconds / 60);
    if (seconds < 86400) return said(2, seconds / 3600);
    return seconds < 172800 ? ages[3] : said(4, seconds / 86400);
  };
  const tick = () => {
    for (const time of all("time[data-age]")) {
      const age = ageOf((Date.now() + behind - Date.parse(time.dateTime)) / 1000);
      if (age === time.dataset.age) continue;
      const around = time.closest("[title]");
      if (around) around.title = around.title.replace(time.dataset.age, age);
      time.dataset.age = age;
      time.textContent = age;
    }
  };
  if (ages.length === 5) {
    setInterval(tick, 20000);
    // A page that nobody sees ticks slowly, or not at all.
    document.addEventListener("visibilitychange", tick);
  }
})();
