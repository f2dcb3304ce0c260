// What pages do beyond links and forms: keys, copying, menus, dialogs, and rows that follow events. Every page reads
// without it. It holds no sentence: those come in data attributes from the server.
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
    if (event.target.closest("[data-closes]")) event.target.closest("dialog")?.close();
  });

  // A dialog that came with an answer opens by itself.
  addEventListener("htmx:afterSwap", (event) => {
    for (const dialog of all("dialog[data-open]", event.target)) if (!dialog.open) dialog.showModal();
    const told = find("[data-announce]", event.target);
    if (told) say(told.dataset.announce);
  });
  // Answers of errors are shown too: they say what to do.
  addEventListener("htmx:beforeSwap", (event) => {
    if (event.detail.xhr.status >= 400 && event.detail.xhr.getResponseHeader("HX-Retarget")) {
      event.detail.shouldSwap = true;
      event.detail.isError = false;
    }
  });
  addEventListener("htmx:sendError", () => { find("#offline")?.removeAttribute("hidden"); });
  addEventListener("htmx:afterRequest", (event) => {
    if (event.detail.successful) find("#offline")?.setAttribute("hidden", "");
  });

  // Live: an event names an order; whatever on the page stands for it is asked for anew, at most once at a time, and
  // takes its place without moving what has the focus.
  const stream = document.body.dataset.stream;
  if (!stream || !window.EventSource || !window.htmx) return;
  const waiting = new Set();
  let timer = 0;
  const orderOf = (text) => {
    try {
      const told = JSON.parse(text);
      return told.order_id ?? told.stream_id ?? told.logistics_order_id ?? told.id;
    } catch { return undefined; }
  };
  const focusKey = (element) => element && (element.id || element.getAttribute("data-focus") || element.getAttribute("href"));
  const replace = (element) => {
    const held = element.contains(document.activeElement) ? focusKey(document.activeElement) : null;
    const options = { target: element, swap: element.dataset.swap || "outerHTML", select: element.dataset.select || undefined };
    const id = element.id;
    return htmx.ajax("GET", element.dataset.live, options).then(() => {
      const fresh = document.getElementById(id);
      if (fresh?.dataset.liveMark) fresh.classList.add("changed");
      if (held && fresh) all("a, button, input", fresh).find((one) => focusKey(one) === held)?.focus({ preventScroll: true });
    });
  };
  const busy = () => find("dialog[open]") || document.activeElement?.closest?.("textarea, input[type=text]");
  const flush = async () => {
    timer = 0;
    const orders = [...waiting];
    waiting.clear();
    for (const order of orders) {
      for (const element of all(`[data-order="${CSS.escape(order)}"][data-live]`)) {
        if (element.dataset.livePatient !== undefined && busy()) { waiting.add(order); continue; }
        await replace(element);
      }
    }
    for (const element of all("[data-live-always]")) await replace(element);
    if (waiting.size && !timer) timer = setTimeout(flush, 2000);
  };
  const heard = (event) => {
    const order = orderOf(event.data);
    if (!order) return;
    waiting.add(String(order));
    timer ||= setTimeout(flush, 400);
  };
  const source = new EventSource(stream);
  source.onmessage = heard;
  for (const name of (document.body.dataset.streamEvents || "").split(" ").filter(Boolean)) source.addEventListener(name, heard);
  source.onopen = () => find("#live")?.setAttribute("data-on", "");
  source.onerror = () => find("#live")?.removeAttribute("data-on");
  addEventListener("pagehide", () => source.close());
})();
