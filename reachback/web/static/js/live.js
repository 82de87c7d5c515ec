// Regions with data-live="ID ID …" hear of these things: each gets the DOM event "changed" when one of them changed.
// With htmx: <section data-live="CASE" hx-get="…" hx-trigger="changed" hx-swap="outerMorph">. "*" hears of everything.
// The stream only wakes; where it does not come through, the regions are asked every 20 seconds.
import { word } from "./words.js";

const POLL_EVERY = 20000;
let source = null;
let polling = 0;

export function listen() {
  if (!document.querySelector("[data-live]") || source) return;
  source = new EventSource("/api/v1/events");
  source.addEventListener("message", (message) => {
    const event = JSON.parse(message.data);
    wake((ids) => ids.includes("*") || ids.includes(event.id), event);
  });
  source.addEventListener("open", () => {
    stopPolling();
    wake(() => true, null); // what changed between the page and its stream
  });
  source.addEventListener("error", startPolling);
  document.addEventListener("visibilitychange", () => {
    if (!document.hidden) wake(() => true, null); // a phone's pocket stops streams without a word
  });
  window.addEventListener("pagehide", () => source.close());
}

function startPolling() {
  polling ||= window.setInterval(() => {
    if (!document.hidden && navigator.onLine) wake(() => true, null);
    if (source.readyState === EventSource.CLOSED) {
      source = null;
      stopPolling();
      listen();
    }
  }, POLL_EVERY);
}

function stopPolling() {
  window.clearInterval(polling);
  polling = 0;
}

function wake(concerns, event) {
  for (const region of document.querySelectorAll("[data-live]")) {
    if (!concerns(region.dataset.live.split(/\s+/))) continue;
    if (window.htmx) region.dispatchEvent(new CustomEvent("changed", { bubbles: false, detail: event }));
    else if (event) offerReload();
  }
}

// Without htmx nothing is swapped under the reader's hands: a sentence and a link say that there is news.
function offerReload() {
  const notices = document.getElementById("notices");
  if (notices.querySelector("[data-reload]")) return;
  const line = document.createElement("p");
  line.className = "notice plain";
  const link = document.createElement("a");
  link.href = location.href;
  link.dataset.reload = "";
  link.textContent = word("look_again");
  line.append(`${word("changed")} `, link);
  notices.append(line);
}
