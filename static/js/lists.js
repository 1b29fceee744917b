// Lists: filters that fold away on a phone, rows that are selected together, and the menus of rows.
(() => {
  document.addEventListener("click", (event) => {
    const toggle = event.target.closest("[data-toggle-filters]");
    if (!toggle) return;
    const isOpen = toggle.closest(".filter-bar").classList.toggle("is-open");
    toggle.setAttribute("aria-expanded", isOpen);
  });

  const bar = () => document.getElementById("list-selected-bar");
  const picks = () => [...document.querySelectorAll(".list-table td.list-pick input")];

  // The bar with the number of selected rows is there while any is selected.
  const show = () => {
    if (!bar()) return;
    const [all, chosen] = [picks(), picks().filter((pick) => pick.checked)];
    const words = bar().querySelector("[data-selected-count]");
    words.textContent = words.dataset[chosen.length === 1 ? "one" : "many"].replace("{n}", chosen.length);
    bar().hidden = !chosen.length;
    const every = document.querySelector("[data-select-all]");
    every.checked = all.length > 0 && chosen.length === all.length;
    every.indeterminate = chosen.length > 0 && !every.checked;
  };
  const setAll = (checked) => {
    for (const pick of picks()) pick.checked = checked;
    show();
  };

  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-select-all]")) setAll(event.target.checked);
    if (event.target.matches("td.list-pick input")) show();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-select-every]")) setAll(true);
    if (!event.target.closest("[data-select-none]")) return;
    setAll(false);
    picks()[0]?.focus();
  });
  // A list has the entries of its rows' menus once, with 0 in place of a row's id: few of the menus are ever opened.
  const entries = (menu) => {
    const found = document.getElementById("row-menu").content.cloneNode(true);
    for (const entry of found.querySelectorAll("[data-if]")) {
      if (entry.dataset.if !== menu.dataset.rowHas) entry.remove();
    }
    for (const entry of found.querySelectorAll(".dropdown-item")) {
      for (const name of ["href", "hx-get"]) {
        const address = entry.getAttribute(name);
        if (address) entry.setAttribute(name, address.replace(/^(\/o\/[^/]+\/.*?[/=])0(?=\/|$)/, `$1${menu.dataset.row}`));
      }
    }
    return found;
  };
  document.addEventListener("show.bs.dropdown", (event) => {
    const menu = event.target.nextElementSibling;
    if (!menu?.dataset.row || menu.childElementCount) return;
    menu.append(entries(menu));
    htmx.process(menu);
  });

  // Browsers remember ticks when somebody comes back to a page.
  addEventListener("pageshow", show);
})();
