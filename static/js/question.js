// The question before what cannot be undone, in a dialog of the product's own. `hx-confirm` has its words; the button
// that does it says what it does, in the words of the button that was pressed.
(() => {
  const box = () => document.getElementById("question");
  let go = null;

  const wordsOf = (button) => {
    const copy = button.cloneNode(true);
    for (const hidden of copy.querySelectorAll(".visually-hidden")) hidden.remove();
    return copy.textContent.trim();
  };

  // After session.js and panelist.js: what is repeated, or waits for its answer, is not asked about.
  document.addEventListener("htmx:confirm", (event) => {
    const { question, elt, triggeringEvent, issueRequest } = event.detail;
    if (!question || event.defaultPrevented || !box()) return;
    event.preventDefault();
    go = () => issueRequest(true);
    box().querySelector("[data-question]").textContent = question;
    box().querySelector("[data-question-yes]").textContent = wordsOf(triggeringEvent?.submitter ?? elt);
    box().showModal();
  });

  document.addEventListener("click", (event) => {
    if (!box()?.open) return;
    if (event.target === box() || event.target.closest("[data-question-no]")) box().close();
    if (!event.target.closest("[data-question-yes]")) return;
    box().close(); // first: the button that was pressed has the keyboard again
    go();
  });
  // A dialog of Bootstrap below would take the keyboard back.
  document.addEventListener("DOMContentLoaded", () => box()?.addEventListener("focusin", (event) => event.stopPropagation()));
})();
