// Pages that follow events. The stream says that something happened; the page is then read anew as it stands at its own
// address, and its parts take each other's place, without moving what has the focus, what is open, or what is being written.
// Of some things no event tells: a paid order is given up on, or an order was looked at and is as it was. So a page that is
// seen is read anew every few minutes too.
(() => {
  "use strict";
  const stream = document.body.dataset.stream;
  if (!stream || !window.EventSource) return;
  const find = (selector, within = document) => within.querySelector(selector);
  const all = (selector, within = document) => [...within.querySelectorAll(selector)];
  const show = (id, shown) => document.getElementById(id)?.toggleAttribute("hidden", !shown);

  const GATHER_MS = 1500;
  const RETRY_MS = 2000;
  const RETRY_MAX_MS = 60000;
  const AGAIN_MS = 4000;
  const OFFLINE_AFTER_MS = 6000;
  const OLD_AFTER_MS = 180000;
  const LOOK_FOR_OLD_MS = 15000;
  // After so many refusals the position itself may be what is refused, as after a backup was restored.
  const KEEP_POSITION_MAX = 4;

  const BY_ITSELF = { "X-By-Itself": "yes", "HX-Request": "true" };
  const page = () => find("[data-live]:not([data-live=''])");

  // What was read but could not take its place yet.
  let held = null;
  let reading = false;
  let readAt = Date.now();
  let wanted = false;
  let talkReading = false;
  let talkWanted = false;
  let timer = 0;
  let isOver = false;

  const end = () => {
    isOver = true;
    drop();
    show("offline", false);
    show("live", false);
    show("session-over", true);
  };

  // A part that a person is at is left alone until that is over. Entries of a history never change, so they are moved
  // into the new one as they are, and what is open in them hinders nobody.
  const isLoose = (element) => !element.closest("[data-kept]");
  const isWritten = (field) =>
    field.type === "checkbox" || field.type === "radio" ? field.checked !== field.defaultChecked
      : field.options ? [...field.options].some((option) => option.selected !== option.defaultSelected) && field.selectedIndex > 0
        : field.type !== "hidden" && field.value !== field.defaultValue;
  const isBusy = (part) => {
    const selection = getSelection();
    return Boolean(find("dialog[open]", part))
      || all("details[open]", part).some(isLoose)
      || all("input, textarea, select", part).some(isWritten)
      || (selection && !selection.isCollapsed && selection.containsNode(part, true));
  };

  const keyOf = (element) => element.id || element.getAttribute("href") || element.dataset.copy;
  const swap = (part, fresh) => {
    const active = part.contains(document.activeElement) ? document.activeElement : null;
    const key = active && keyOf(active);
    const wrap = find(".table-wrap", part);
    const [left, inner] = [part.scrollLeft, wrap?.scrollLeft ?? 0];
    for (const next of all("[data-version]", fresh)) {
      const before = document.getElementById(next.id);
      if (before?.dataset.version !== next.dataset.version) next.classList.add("changed");
    }
    for (const next of all("[data-kept]", fresh)) {
      const before = document.getElementById(next.id);
      if (before && part.contains(before)) next.replaceWith(before);
    }
    part.replaceWith(fresh);
    window.htmx?.process(fresh);
    fresh.scrollLeft = left;
    const wrapped = find(".table-wrap", fresh);
    if (wrapped) wrapped.scrollLeft = inner;
    if (!active) return;
    const again = active.isConnected ? active : all("a, button, input, select, summary, textarea", fresh).find((one) => keyOf(one) === key);
    again?.focus({ preventScroll: true });
  };

  // What a part tells. The proof in its forms is written anew each time, and each of them stays good.
  const toldBy = (part) => part.outerHTML.replace(/name="csrf" value="[^"]*"/g, "");

  // Puts in place what was read; true if something is left for later.
  const place = ({ root, fresh }) => {
    let left = false;
    for (const part of all("[data-part]", root)) {
      const next = fresh.getElementById(part.id);
      if (!next || toldBy(next) === toldBy(part)) continue;
      if (isBusy(part)) left = true; else swap(part, next);
    }
    const now = fresh.getElementById(root.id);
    if (now) root.toggleAttribute("data-live-again", now.hasAttribute("data-live-again"));
    return left;
  };

  const ask = async (address, target) => {
    const answer = await fetch(address, { headers: { ...BY_ITSELF, "HX-Target": target }, cache: "no-store" });
    if (answer.status === 401) { end(); return null; }
    // Withheld, or of a brand that the reader may not see any more: nothing of it stays, and the page says why. What another server
    // on the way answers is no word of ours.
    const isRefused = answer.status === 403 || answer.status === 404;
    if (isRefused && answer.headers.has("HX-Retarget")) {
      isOver = true;
      location.reload();
      return null;
    }
    if (!answer.ok) throw new Error(String(answer.status));
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  };

  // A little apart, so that not all who follow a brand ask at once.
  const later = (ms) => { timer ||= setTimeout(settle, ms * (1 + Math.random() / 4)); };
  const settle = async () => {
    timer = 0;
    if (isOver || document.hidden) return;
    const root = page();
    if (!root || root.classList.contains("htmx-request")) { if (root) later(GATHER_MS); return; }
    if (wanted && !reading) {
      wanted = false;
      reading = true;
      try {
        const asked = Date.now();
        const fresh = await ask(root.dataset.liveAddress, root.id);
        readAt = asked;
        if (fresh) held = { root, fresh };
      } catch {
        wanted = true;
        later(RETRY_MS * 5);
      } finally { reading = false; }
    }
    // Whoever went on meanwhile sees another page, and that is newer.
    if (held && (held.root !== page() || held.root.classList.contains("htmx-request"))) held = null;
    if (held && !place(held)) held = null;
    if (talkWanted) await readComments();
    if (held || wanted || talkWanted) later(GATHER_MS);
    else if (page()?.hasAttribute("data-live-again")) { wanted = true; later(AGAIN_MS); }
  };

  // The comments are read in the warehouse, so they are asked for only when something happened to them, and not before
  // they could take their place.
  const readComments = async () => {
    const talk = document.getElementById("conversation");
    if (!talk?.dataset.address) { talkWanted = false; return; }
    if (talkReading || isBusy(talk)) return;
    talkWanted = false;
    talkReading = true;
    try {
      const fresh = await ask(talk.dataset.address, "conversation");
      const next = fresh?.getElementById("conversation");
      if (next && talk.isConnected && isBusy(talk)) talkWanted = true;
      else if (next && talk.isConnected) swap(talk, next);
    } catch {
      // What stands there is still true; a little later it is asked for again.
      setTimeout(() => { talkWanted = true; later(0); }, RETRY_MS * 5);
    } finally { talkReading = false; }
  };

  const readIfOld = () => {
    if (isOver || document.hidden || Date.now() - readAt < OLD_AFTER_MS) return;
    wanted = true;
    later(0);
  };

  const heard = (event) => {
    last = event.lastEventId || last;
    const root = page();
    if (event.type === "position" || !root) return;
    let told = {};
    try { told = JSON.parse(event.data); } catch { return; }
    // Of what is not shown any more it is not told which order it is: the page's own may be meant.
    if (event.type !== "hidden" && root.dataset.live !== "*" && root.dataset.live !== told.order_id) return;
    wanted = true;
    later(GATHER_MS);
    if (String(told.type).startsWith("Comment")) talkWanted = true;
  };

  // The stream goes on after the last position, however often it breaks. A page that nobody sees follows nothing: a
  // browser has few connections to one host.
  let last = new URL(stream, location.href).searchParams.get("after");
  let source = null;
  let attempts = 0;
  let retry = 0;
  let alarm = 0;

  const tell = (isOn) => {
    show("live", isOn);
    document.body.toggleAttribute("data-followed", isOn);
    clearTimeout(alarm);
    if (isOn) show("offline", false);
    else alarm = setTimeout(() => { if (!isOver && !document.hidden) show("offline", true); }, OFFLINE_AFTER_MS);
  };
  const drop = () => {
    source?.close();
    document.body.removeAttribute("data-followed");
    source = null;
    clearTimeout(retry);
    retry = 0;
  };
  const connect = () => {
    if (source || isOver || document.hidden) return;
    const url = new URL(stream, location.href);
    const isAnew = attempts >= KEEP_POSITION_MAX;
    if (isAnew) url.searchParams.delete("after"); else url.searchParams.set("after", last);
    source = new EventSource(url);
    source.onopen = () => {
      attempts = 0;
      tell(true);
      if (isAnew) { wanted = true; later(0); }
    };
    source.onerror = () => {
      tell(false);
      if (source?.readyState !== EventSource.CLOSED) return;
      drop();
      attempts += 1;
      const wait = Math.min(RETRY_MS * 2 ** (attempts - 1), RETRY_MAX_MS);
      retry = setTimeout(connect, wait * (0.75 + Math.random() / 2));
      // A read of the page tells whether the session is over, or only the stream is away.
      wanted = true;
      later(GATHER_MS);
    };
    for (const name of ["position", "change", "hidden"]) source.addEventListener(name, heard);
    source.addEventListener("end", ended);
  };
  // What was sent is not of the ledger any more, so its position means nothing there. After every other end the browser comes
  // back by itself.
  const ended = (event) => {
    let told = {};
    try { told = JSON.parse(event.data); } catch { return; }
    if (told.code !== "position_ahead") return;
    drop();
    attempts = KEEP_POSITION_MAX;
    // All who follow are told at the same moment.
    retry = setTimeout(connect, RETRY_MS * (1 + Math.random() * 2));
  };

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) { drop(); clearTimeout(alarm); return; }
    connect();
    readIfOld();
    if (wanted || held || talkWanted) later(0);
  });
  // By the clock, and not by a timer of minutes, which stands still where the machine sleeps.
  setInterval(readIfOld, LOOK_FOR_OLD_MS);
  addEventListener("pagehide", drop);
  addEventListener("pageshow", connect);
  addEventListener("online", () => { if (retry) { clearTimeout(retry); retry = 0; connect(); } });
  if (page()?.hasAttribute("data-live-again")) { wanted = true; later(AGAIN_MS); }
  addEventListener("htmx:afterSettle", () => {
    if (page()?.hasAttribute("data-live-again")) { wanted = true; later(AGAIN_MS); }
  });
  connect();
})();
