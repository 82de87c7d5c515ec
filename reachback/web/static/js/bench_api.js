// Asks the service. A session that ended is opened again over the page, and the question is put once more.
import { signInAgain } from "./session.js";
import { word } from "./words.js";

// {ok, status, body}; `body` is what was answered, or {detail} in a sentence.
export async function ask(path, { method = "GET", body } = {}) {
  for (;;) {
    let answer;
    try {
      answer = await fetch(path, {
        method,
        headers: { Accept: "application/json", ...(body ? { "Content-Type": "application/json" } : {}) },
        body: body ? JSON.stringify(body) : undefined,
      });
    } catch {
      return { ok: false, status: 0, body: { detail: word("offline") } };
    }
    if (answer.status === 401) {
      await signInAgain();
      continue;
    }
    const text = await answer.text();
    return { ok: answer.ok, status: answer.status, body: parsed(text, answer.statusText) };
  }
}

// A part of a page, or null where it did not come.
export async function askPart(path) {
  try {
    const answer = await fetch(path, { headers: { Accept: "text/html" } });
    if (answer.status === 401) {
      await signInAgain();
      return askPart(path);
    }
    return answer.ok ? new DOMParser().parseFromString(await answer.text(), "text/html").body : null;
  } catch {
    return null;
  }
}

function parsed(text, fallback) {
  try {
    return JSON.parse(text);
  } catch {
    return { detail: text || fallback };
  }
}

// An element with attributes and children; text is always text.
export function element(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (name === "class") made.className = value;
    else if (name.startsWith("on")) made.addEventListener(name.slice(2), value);
    else if (value === true) made.setAttribute(name, "");
    else if (value !== false && value !== null && value !== undefined) made.setAttribute(name, value);
  }
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}
