// The students' table: sorted by a click on a heading, narrowed by a word or a kind.  Without it all rows show.
"use strict";
const table = document.getElementById("table"), body = table.tBodies[0], rows = [...body.rows];
const word = document.getElementById("word"), kind = document.getElementById("kind");
const key = (row, i) => row.cells[i].dataset.v ?? row.cells[i].textContent.trim();
const order = new Intl.Collator(undefined, { numeric: true }).compare;

function narrow() {
  const wanted = word.value.toLowerCase();
  for (const row of rows)
    row.hidden = !row.textContent.toLowerCase().includes(wanted) || !(kind.value === "" || row.classList.contains(kind.value));
  document.getElementById("shown").textContent = `${rows.filter(r => !r.hidden).length} of ${rows.length} shown`;
}

[...table.tHead.rows[0].cells].forEach((head, i) => {
  const button = document.createElement("button");
  button.append(...head.childNodes);
  head.append(button);
  button.onclick = () => {
    const down = head.ariaSort === "ascending";
    for (const cell of table.tHead.rows[0].cells) cell.ariaSort = null;
    head.ariaSort = down ? "descending" : "ascending";
    rows.sort((a, b) => (down ? -1 : 1) * order(key(a, i), key(b, i)));
    body.append(...rows);
  };
});
word.oninput = kind.oninput = narrow;
document.getElementById("narrow").hidden = false;
narrow();
