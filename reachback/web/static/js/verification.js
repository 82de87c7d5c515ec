// While a verification runs, ask for its answer every two seconds and put it where the line of waiting stood.
import { showTimes } from "./times.js";

const EVERY = 2000;

async function look() {
  const place = document.getElementById("verification");
  if (place?.dataset.running !== "yes") return;
  try {
    const answer = await fetch("/audit/verification", { headers: { Accept: "text/html" } });
    if (answer.ok) {
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById("verification");
      if (fresh && fresh.dataset.running !== "yes") {
        place.replaceChildren(...fresh.childNodes);
        place.dataset.running = "no";
        showTimes(place);
        return;
      }
    }
  } catch {
    // The connection is away for a moment; the next look tells.
  }
  window.setTimeout(look, EVERY);
}

window.setTimeout(look, EVERY);
