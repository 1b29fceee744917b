// Passkeys. A form with data-passkey asks the server for the options of its ceremony, the browser for the passkey, and
// is sent with the browser's answer. The value of data-passkey says what the passkey is for. Browsers that know no
// passkeys, and pages that are not secure, do not show what is marked data-passkey-only.
(() => {
  const known = () => window.PublicKeyCredential?.parseRequestOptionsFromJSON && navigator.credentials;

  const options = async (form) => {
    const body = new FormData();
    body.set("for", form.dataset.passkey);
    body.set("csrfmiddlewaretoken", form.querySelector("[name='csrfmiddlewaretoken']").value);
    const answer = await fetch(form.dataset.options, { method: "POST", body });
    if (!answer.ok || answer.redirected) throw new Error("refused");
    return (await answer.json()).publicKey;
  };

  const ask = (form, publicKey) =>
    form.dataset.passkey === "add"
      ? navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(publicKey) })
      : navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(publicKey) });

  const say = (form, name) => {
    const box = form.querySelector("[data-passkey-trouble]");
    box.textContent = name ? box.dataset[name] : "";
    box.hidden = !name;
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target.closest("form[data-passkey]");
    const field = form?.querySelector("[name='credential']");
    if (!form || field.value) return;
    event.preventDefault();
    event.stopPropagation();
    if (!known()) return say(form, "unknown");
    say(form, "");
    const button = form.querySelector("button");
    button.disabled = true;
    try {
      field.value = JSON.stringify((await ask(form, await options(form))).toJSON());
      form.submit();
    } catch (error) {
      say(form, error.name === "InvalidStateError" ? "already" : error.message === "refused" ? "refused" : "cancelled");
    }
    button.disabled = false;
  }, true);

  document.addEventListener("DOMContentLoaded", () => {
    if (known()) document.querySelectorAll("[data-passkey-only]").forEach((part) => (part.hidden = false));
  });
})();
