// Single keys do everything on the workbench; in a field they are letters, and the table of keys can turn them off.
const OFF = "keys-off";

export function listenToKeys(actions) {
  const dialog = document.getElementById("keys");
  const box = document.getElementById("keys-on");
  box.checked = !localStorage.getItem(OFF);
  box.addEventListener("change", () => (box.checked ? localStorage.removeItem(OFF) : localStorage.setItem(OFF, "1")));
  document.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      actions.send();
      return;
    }
    if (event.key === "Escape" && isField(event.target)) event.target.blur();
    if (event.ctrlKey || event.metaKey || event.altKey || isField(event.target) || document.querySelector("dialog[open]")) return;
    if (event.key === "?") {
      dialog.showModal();
      return;
    }
    if (!box.checked) return;
    const digit = /^Digit([1-9])$/.exec(event.code);
    const done = digit ? actions.reference(Number(digit[1]) - 1, event.shiftKey ? "inFit" : "over") : act(actions, event);
    if (done !== false) event.preventDefault();
  });
}

function act(actions, event) {
  // Arrows belong to whatever holds the focus, where that has a use for them.
  const isArrow = event.key.startsWith("Arrow");
  if (isArrow && event.target.closest?.('[role="region"], select, input')) return false;
  const action = actions.keys[event.key];
  return action ? action() : false;
}

function isField(target) {
  return target.matches?.('input:not([type="checkbox"]):not([type="radio"]), textarea, select, [contenteditable]') ?? false;
}
