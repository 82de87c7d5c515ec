// Sends scans file by file: progress, a key for each file that a retry keeps, patience with lines and sessions.
import { forget } from "./kept_text.js";
import { notify } from "./notices.js";
import { signInAgain } from "./session.js";
import { showTimes } from "./times.js";
import { word } from "./words.js";

const MANY = 50; // files chosen by mistake rather than on purpose
const AT_ONCE = 2;
const KEYS = "upload-key/";
const RETRY = 5; // [s]
const PHOTO_TRIES = 4;

const form = document.querySelector("form[data-uploads]");
const list = document.querySelector("#sent ol");
const largest = Number(form?.dataset.largest); // [bytes] the service takes no more
let waiting = [];
let sending = 0;
let done = 0;
let all = 0;
let firstScan = null;
let photos = [];
let fields = null;
let isTaken = false; // whether a verdict came of any of it; before that, what was typed is needed again
let isRefused = false; // the form itself, so that no file can be sent with it

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  start();
});
form?.querySelector("[data-send-all]").addEventListener("click", () => start(true));
form?.querySelector("[data-choose-again]").addEventListener("click", () => {
  form.querySelector("[data-many]").hidden = true;
  form.elements.file.value = "";
  form.elements.file.focus();
});

function start(sure = false) {
  const chosen = [...form.elements.file.files];
  const scans = chosen.filter((file) => !file.type.startsWith("image/"));
  const pictures = chosen.filter((file) => file.type.startsWith("image/"));
  if (pictures.length && !scans.length) {
    notify("warning", word("only_pictures"));
    form.elements.file.value = "";
    form.elements.file.focus();
    photos = [...photos, ...pictures];
    return;
  }
  const question = form.querySelector("[data-many]");
  if (scans.length > MANY && !sure) {
    question.querySelector("p").textContent = word("many", { n: scans.length });
    question.hidden = false;
    question.querySelector("button").focus();
    return;
  }
  question.hidden = true;
  if (pictures.length) notify("plain", word("pictures_moved", { n: pictures.length }));
  photos = [...photos, ...form.elements.photo.files, ...pictures];
  fields = new FormData(form);
  for (const name of ["file", "photo", "batch"]) fields.delete(name);
  isRefused = false;
  done = 0;
  list.replaceChildren();
  form.hidden = true;
  const section = document.getElementById("sent");
  section.hidden = false;
  all = scans.length;
  waiting = scans.map((file) => ({ file, key: keyOf(file), row: addRow(file) }));
  count();
  section.querySelector("h2").tabIndex = -1;
  section.querySelector("h2").focus();
  for (let n = 0; n < AT_ONCE; n += 1) next();
}

// The key of a file lives in this tab until its scan is there: after a reload, the same file has the same key.
function keyOf(file) {
  const place = `${KEYS}${file.name}/${file.size}/${file.lastModified}`;
  let key = sessionStorage.getItem(place);
  if (!key) {
    const random = crypto.getRandomValues(new Uint8Array(16));
    key = [...random].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    sessionStorage.setItem(place, key);
  }
  return { key, place };
}

function addRow(file) {
  const row = document.createElement("li");
  const name = document.createElement("p");
  name.className = "name";
  name.textContent = file.name;
  const bar = document.createElement("progress");
  bar.max = 1;
  bar.value = 0;
  bar.setAttribute("aria-label", file.name);
  const says = document.createElement("p");
  says.textContent = word("waits_for_turn");
  row.append(name, bar, says);
  list.append(row);
  return row;
}

async function next() {
  const item = waiting.shift();
  if (!item) {
    if (!sending) await finish();
    return;
  }
  sending += 1;
  await take(item);
  sending -= 1;
  done += 1;
  count();
  if (!isRefused) await next();
}

// One file until there is an answer, however long that takes.
async function take(item) {
  const says = item.row.querySelector("p:not(.name)");
  if (item.file.size > largest) {
    says.textContent = word("too_large");
    item.row.querySelector("progress").remove();
    return;
  }
  for (;;) {
    says.textContent = word("sending");
    const answer = await post(item, says);
    if (answer === null) {
      says.textContent = word("waits_for_line");
      await lineOrPatience(item.row);
    } else if (answer.status === 401) {
      says.textContent = word("needs_sign_in");
      await signInAgain();
    } else if (answer.status === 503 || answer.status === 429) {
      const seconds = Number(answer.getResponseHeader("Retry-After")) || RETRY;
      says.textContent = word("busy", { n: seconds });
      await pause(seconds);
    } else {
      show(item, answer);
      return;
    }
  }
}

function post(item, says) {
  const body = new FormData();
  for (const [name, value] of fields) body.append(name, value);
  body.append("key", item.key.key);
  body.append("file", item.file);
  const bar = item.row.querySelector("progress");
  return new Promise((resolve) => {
    const request = new XMLHttpRequest(); // fetch does not tell how far an upload is
    request.open("POST", "/scans/one");
    request.setRequestHeader("Accept", "application/problem+json");
    request.upload.addEventListener("progress", (event) => {
      if (event.lengthComputable) bar.value = event.loaded / event.total;
    });
    request.upload.addEventListener("load", () => {
      says.textContent = word("identifying");
      bar.removeAttribute("value");
    });
    request.addEventListener("load", () => resolve(request));
    for (const name of ["error", "abort", "timeout"]) request.addEventListener(name, () => resolve(null));
    request.timeout = 180000;
    request.send(body);
  });
}

function show(item, answer) {
  const kind = answer.getResponseHeader("Content-Type") ?? "";
  if (kind.startsWith("text/html")) {
    const page = new DOMParser().parseFromString(answer.responseText, "text/html");
    const refused = page.querySelector("[data-form-refused]");
    if (refused) {
      backToForm(refused);
      return;
    }
    isTaken ||= answer.status < 300;
    item.row.replaceChildren(...page.body.childNodes);
    showTimes(item.row);
    firstScan ??= item.row.querySelector("[data-scan-id]")?.dataset.scanId ?? null;
    sessionStorage.removeItem(item.key.place);
    return;
  }
  item.row.querySelector("progress").remove();
  const says = item.row.querySelector("p:not(.name)");
  says.className = "refused";
  try {
    says.textContent = JSON.parse(answer.responseText).detail;
  } catch {
    says.textContent = answer.statusText;
  }
}

// The form once more, as it was, with what is wrong in it said above and its field in hand.
function backToForm(refused) {
  isRefused = true;
  waiting = [];
  all = done; // nothing is on its way any more
  document.getElementById("sent").hidden = true;
  form.hidden = false;
  notify("danger", refused.textContent);
  const field = form.elements[refused.dataset.formRefused] ?? form.elements.file;
  const folded = field.closest("details");
  if (folded) folded.open = true;
  field.setAttribute("aria-invalid", "true");
  field.addEventListener("input", () => field.removeAttribute("aria-invalid"), { once: true });
  field.focus();
}

function pause(seconds) {
  return new Promise((resolve) => window.setTimeout(resolve, seconds * 1000));
}

function lineOrPatience(row) {
  return new Promise((resolve) => {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "second";
    button.textContent = word("try_now");
    row.append(button);
    const go = () => {
      window.removeEventListener("online", go);
      button.remove();
      resolve();
    };
    button.addEventListener("click", go);
    window.addEventListener("online", go);
    window.setTimeout(go, RETRY * 1000);
  });
}

function count() {
  document.querySelector("#sent [data-total]").textContent = word("total", { done, all });
}

async function finish() {
  if (isTaken) forget("new-scan");
  const scan = firstScan;
  const placed = !scan || !photos.length || (await sendPhotos(scan));
  document.querySelector("#sent [data-after]").hidden = false;
  if (all === 1 && scan && placed) location.assign(`/scans/${scan}`);
}

// Whether every photo found its place; the same photo sent twice is one photo.
async function sendPhotos(scan) {
  let placed = true;
  for (const photo of photos) placed = (await sendPhoto(scan, photo)) && placed;
  photos = [];
  if (!placed) notify("warning", word("photo_failed"));
  return placed;
}

async function sendPhoto(scan, photo) {
  const body = new FormData();
  body.append("photo", photo);
  body.append("photo_kind", fields.get("photo_kind") ?? "other");
  for (let tries = 0; tries < PHOTO_TRIES; tries += 1) {
    try {
      const answer = await fetch(`/scans/${scan}/photos`, { method: "POST", body });
      if (answer.ok) return true;
      if (answer.status === 401) await signInAgain();
      else return false;
    } catch {
      await pause(RETRY);
    }
  }
  return false;
}

window.addEventListener("beforeunload", (event) => {
  if (done < all) event.preventDefault();
});
