// What every page has: times in the reader's zone, live regions, a session that may end, texts that are kept.
import { showTimes } from "./times.js";
import { listen } from "./live.js";
import { watchSession } from "./session.js";
import { keepTexts } from "./kept_text.js";

showTimes(document);
keepTexts(document);
watchSession();
listen();
// What htmx has put into the page gets the same.
document.addEventListener("htmx:after:swap", () => {
  showTimes(document);
  keepTexts(document);
});
