// An archive on its way: how much of it was sent. Without this script the form goes as any form does.
import { notify } from "./notices.js";
import { word } from "./words.js";

const form = document.querySelector("[data-library-upload]");

form?.addEventListener("submit", (event) => {
  event.preventDefault();
  const [file] = form.elements.file.files;
  if (file && file.size > Number(form.dataset.largest)) {
    notify("danger", word("too_large"));
    return;
  }
  send(new FormData(form));
});

function send(body) {
  const shown = form.querySelector(".upload-progress");
  const words = shown.querySelector("p");
  const bar = shown.querySelector("progress");
  const button = form.querySelector("button[type=submit]");
  const request = new XMLHttpRequest();
  const stop = (say) => {
    shown.hidden = true;
    button.disabled = false;
    say();
  };
  request.upload.addEventListener("progress", ({ loaded, total }) => {
    bar.value = Math.round((100 * loaded) / total);
    words.textContent = bar.value < 100 ? word("sending", { percent: bar.value }) : word("sent");
  });
  request.addEventListener("load", () => {
    if (request.status < 400) location.href = request.responseURL;
    else stop(() => (document.getElementById("notices").innerHTML = request.responseText)); // a line of our own
  });
  request.addEventListener("error", () => stop(() => notify("danger", word("lost"))));
  request.open("POST", form.action);
  request.setRequestHeader("HX-Request", "true"); // a refusal comes as one line
  shown.hidden = false;
  button.disabled = true;
  words.textContent = word("sending", { percent: 0 });
  request.send(body);
}
