// The list as it changes: nothing moves under a hand. What has changed is marked in place and counted; the list is
// put in order when that is asked for, or by itself while nobody is at it.
import { askPart } from "./bench_api.js";
import { showTimes } from "./times.js";
import { word } from "./words.js";

const QUIET = 700; // [ms] several events are one look
const list = () => document.getElementById("rows");
const button = document.querySelector("#news button");
let waiting = 0;
let fresh = null;
let pointerIsIn = false;

document.addEventListener("pointerover", (event) => (pointerIsIn = Boolean(event.target.closest?.("#rows"))));
document.addEventListener("changed", () => {
  window.clearTimeout(waiting);
  waiting = window.setTimeout(look, QUIET);
}, true);
button.addEventListener("click", apply);
document.addEventListener("keydown", (event) => {
  const isTyping = event.target.matches("input, select, textarea") || document.querySelector("dialog[open]");
  if (event.key.toLowerCase() === "r" && !isTyping && !event.ctrlKey && !event.metaKey && !event.altKey && fresh) apply();
});

async function look() {
  const part = await askPart(list().dataset.rows);
  const found = part?.querySelector("#rows");
  if (!found) return;
  fresh = found;
  const n = differences();
  if (!n) {
    hide();
    return;
  }
  if (!pointerIsIn && !list().contains(document.activeElement)) {
    apply();
    return;
  }
  markInPlace();
  button.textContent = word("list_changed", { n });
  button.hidden = false;
}

function rowsOf(root) {
  return new Map([...root.querySelectorAll("tr[data-case]")].map((row) => [row.dataset.case, row]));
}

function text(row) {
  return [...row.cells].filter((cell) => !cell.classList.contains("left")).map((cell) => cell.textContent).join("|");
}

function differences() {
  const [before, after] = [rowsOf(list()), rowsOf(fresh)];
  const changed = [...before].filter(([id, row]) => !after.has(id) || text(after.get(id)) !== text(row));
  const added = [...after.keys()].filter((id) => !before.has(id));
  return changed.length + added.length;
}

// Rows keep their place; what they say is new, and what is gone is struck out and cannot be taken.
function markInPlace() {
  const after = rowsOf(fresh);
  for (const [id, row] of rowsOf(list())) {
    const next = after.get(id);
    if (!next) {
      row.classList.add("gone");
      const last = row.cells[row.cells.length - 1];
      if (last.classList.contains("take") && !last.contains(document.activeElement)) last.textContent = word("case_gone");
    } else if (text(next) !== text(row) && !row.contains(document.activeElement)) {
      for (let i = 0; i < row.cells.length; i += 1) {
        if (!row.cells[i].classList.contains("left")) row.cells[i].replaceChildren(...next.cells[i].cloneNode(true).childNodes);
      }
    }
  }
}

function apply() {
  if (!fresh) return;
  const focused = document.activeElement?.closest?.("tr[data-case]")?.dataset.case;
  list().replaceWith(fresh);
  fresh = null;
  showTimes(document);
  hide();
  if (focused) list().querySelector(`tr[data-case="${CSS.escape(focused)}"] a`)?.focus();
}

function hide() {
  button.hidden = true;
}
