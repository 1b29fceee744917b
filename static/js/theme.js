// Runs before the page is drawn, so that a dark page never flashes white. Without a choice the device decides.
(() => {
  const device = matchMedia("(prefers-color-scheme: dark)");
  const draw = () => {
    const chosen = localStorage.getItem("theme");
    document.documentElement.dataset.bsTheme = chosen ?? (device.matches ? "dark" : "light");
    for (const button of document.querySelectorAll("[data-theme-choice]")) {
      button.setAttribute("aria-pressed", String(button.dataset.themeChoice === (chosen ?? "")));
    }
  };
  draw();
  document.addEventListener("DOMContentLoaded", draw);
  device.addEventListener("change", draw);
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-theme-choice]");
    if (!button) return;
    const { themeChoice } = button.dataset;
    if (themeChoice) localStorage.setItem("theme", themeChoice);
    else localStorage.removeItem("theme");
    draw();
  });
})();
