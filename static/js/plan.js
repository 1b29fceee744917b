// The lines at the end of a plan and of the stages: what is typed into the others stays when one answer draws them anew,
// and several lines that are pasted are added at once.
(() => {
  const LINE = "[data-plan-line]";
  const TYPED = "input:not([type='hidden'], [type='checkbox'])";
  let kept = [];

  document.addEventListener("htmx:beforeSwap", ({ detail: { requestConfig, target } }) => {
    const fields = [...target.querySelectorAll(`${LINE} ${TYPED}`)].filter((field) => field.form !== requestConfig.elt);
    kept = fields.map((field) => [field.id, field.value]);
  });
  document.addEventListener("htmx:afterSwap", () => {
    for (const [id, text] of kept) {
      const field = document.getElementById(id);
      if (field) field.value = text;
    }
    kept = [];
  });

  document.addEventListener("paste", (event) => {
    const field = event.target.closest?.(`${LINE} [name='name']`);
    const pasted = field?.form.elements.pasted;
    const lines = event.clipboardData?.getData("text").split(/\r?\n/).filter((line) => line.trim());
    if (!pasted || !(lines?.length > 1)) return;
    event.preventDefault();
    pasted.value = lines.join("\n");
    field.form.requestSubmit();
  });
})();
