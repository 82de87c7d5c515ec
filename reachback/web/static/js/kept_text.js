// <form data-keep="KEY">: what is typed is kept in this tab until the form is taken, so a reload, a lost connection or
// a session that ended costs nothing. Passwords and files are never kept. The server says "taken" by showing a page
// with <meta name="taken" content="KEY">, or the script that sent the form calls `forget(KEY)`.
import { word } from "./words.js";
import { notify } from "./notices.js";

const PREFIX = "kept/";

export function forget(key) {
  sessionStorage.removeItem(PREFIX + key);
}

export function keepTexts(root) {
  for (const taken of document.querySelectorAll('meta[name="taken"]')) forget(taken.content);
  for (const form of root.querySelectorAll("form[data-keep]:not([data-kept])")) {
    form.dataset.kept = "";
    restore(form);
    form.addEventListener("input", () => sessionStorage.setItem(PREFIX + form.dataset.keep, JSON.stringify(read(form))));
  }
}

function fields(form) {
  return [...form.elements].filter(
    (each) => each.name && !["hidden", "password", "file", "submit", "button"].includes(each.type),
  );
}

function read(form) {
  return fields(form).map((each) => [each.name, each.value, Boolean(each.checked)]);
}

function restore(form) {
  const kept = JSON.parse(sessionStorage.getItem(PREFIX + form.dataset.keep) ?? "null");
  if (!kept) return;
  let changed = false;
  for (const [name, value, checked] of kept) {
    for (const field of fields(form).filter((each) => each.name === name)) {
      if (field.type === "checkbox" || field.type === "radio") {
        if (field.value === value && field.checked !== checked) [field.checked, changed] = [checked, true];
      } else if (field.value !== value && value) {
        [field.value, changed] = [value, true];
      }
    }
  }
  if (changed) notify("plain", word("kept"));
}
