// What scripts say stands in the page, in the reader's language: in <template class="words">, ours and those of pages.
export function word(name, values = {}) {
  const sources = [...document.querySelectorAll("template.words")].map((each) => each.content.querySelector(`[data-word="${name}"]`));
  const source = sources.find(Boolean);
  let text = source ? source.textContent : name;
  for (const [key, value] of Object.entries(values)) text = text.replace(`{${key}}`, String(value));
  return text;
}
