// Sorting: a click on a column head orders the rows; a second click turns the order round.
for (const table of document.querySelectorAll("table.sortable")) {
  const heads = [...table.tHead.rows[0].cells];
  heads.forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const down = head.getAttribute("aria-sort") === "ascending";
      heads.forEach(other => other.removeAttribute("aria-sort"));
      head.setAttribute("aria-sort", down ? "descending" : "ascending");
      const key = row => row.cells[column].dataset.sort;
      const numeric = [...table.tBodies[0].rows].every(row => !isNaN(key(row)));
      const order = (a, b) => {
        const [x, y] = [key(a), key(b)];
        if (x === "" || y === "") return (x === "") - (y === ""); // what is missing stays last
        return (numeric ? x - y : x.localeCompare(y)) * (down ? -1 : 1);
      };
      table.tBodies[0].append(...[...table.tBodies[0].rows].sort(order));
    });
  });
}

// Folded sections: a link into one opens it, printing opens all.
const folded = document.querySelectorAll("details");
const reveal = () => {
  for (let at = document.getElementById(location.hash.slice(1)); at; at = at.parentElement) {
    if (at.tagName === "DETAILS") at.open = true;
  }
};
addEventListener("hashchange", reveal);
reveal();
addEventListener("beforeprint", () => folded.forEach(details => { details.open = true; }));
for (const button of document.querySelectorAll("[data-fold]")) {
  button.addEventListener("click", () => {
    for (const details of document.querySelectorAll("details.task")) {
      details.open = button.dataset.fold === "open";
    }
  });
}
