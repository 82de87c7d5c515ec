// A session that ends while somebody works: the page stays, a dialog asks to sign in again, then work goes on.
// Other scripts call `signInAgain()` when an answer was 401 and wait for it. htmx requests are repeated by the reader.
import { word } from "./words.js";
import { notify } from "./notices.js";

let waiting = [];

export function watchSession() {
  document.addEventListener("htmx:response:error", (event) => {
    if (event.detail?.ctx?.response?.status === 401) signInAgain().then(() => notify("good", word("signed_in")));
  });
  document.querySelector("[data-sign-in-again]")?.addEventListener("submit", submit);
}

export function signInAgain() {
  const dialog = document.getElementById("sign-in-again");
  if (!dialog) return Promise.reject(new Error("nobody was signed in"));
  if (!dialog.open) {
    dialog.showModal();
    dialog.querySelector('input[name="password"]').focus();
  }
  return new Promise((resolve) => waiting.push(resolve));
}

async function submit(event) {
  event.preventDefault();
  const form = event.currentTarget;
  const said = form.querySelector(".refused");
  const fields = Object.fromEntries(new FormData(form));
  const body = { name: fields.name, password: fields.password, code: fields.code.replaceAll(" ", "") || null };
  try {
    const answer = await fetch("/api/v1/session", {
      method: "POST",
      headers: { "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    if (!answer.ok) {
      said.textContent = (await answer.json()).detail;
      said.hidden = false;
      return;
    }
  } catch {
    said.textContent = word("offline");
    said.hidden = false;
    return;
  }
  said.hidden = true;
  form.reset();
  form.closest("dialog").close();
  document.getElementById("notices").replaceChildren();
  const resolved = waiting;
  waiting = [];
  for (const resolve of resolved) resolve();
}
