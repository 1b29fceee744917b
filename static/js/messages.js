// The button that counts who will get a message, and the buttons that put a placeholder into a text.
(() => {
  const count = (form) => {
    const button = form.querySelector("[data-count-one]");
    if (!button) return;
    const picked = form.querySelectorAll("input[name='message']:checked").length;
    const words = picked === 1 ? button.dataset.countOne : button.dataset.countMany;
    button.querySelector("[data-count-words]").textContent = words.replace("{n}", picked);
    button.disabled = picked === 0;
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("input[name='message']")) count(event.target.form);
  });

  // The field that had the keyboard last; the text when none had it.
  let field = null;
  document.addEventListener("focusin", (event) => {
    if (event.target.matches("[data-placeholders] input, [data-placeholders] textarea")) field = event.target;
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-insert]");
    if (!button) return;
    const form = button.closest("[data-placeholders]");
    const text = form.querySelector("textarea");
    const touched = field && form.contains(field);
    const into = touched && !button.hasAttribute("data-block") ? field : text;
    if (!touched) text.setSelectionRange(text.value.length, text.value.length);
    into.setRangeText(button.dataset.insert, into.selectionStart, into.selectionEnd, "end");
    into.dispatchEvent(new Event("input", { bubbles: true }));
    into.focus();
  });
})();
