// One line in the place of notices; a screen reader says it at once.
const SIGNS = { good: "✓", plain: "i", warning: "!", danger: "!" };

export function notify(kind, text) {
  const line = document.createElement("p");
  line.className = `notice ${kind}`;
  const sign = document.createElement("span");
  sign.className = "sign";
  sign.ariaHidden = "true";
  sign.textContent = SIGNS[kind];
  const words = document.createElement("span");
  words.textContent = text;
  line.append(sign, words);
  document.getElementById("notices").replaceChildren(line);
}
