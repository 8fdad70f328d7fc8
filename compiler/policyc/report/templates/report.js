"use strict";
(function () {
  var form = document.getElementById("tools"), filter = document.getElementById("filter"), count = document.getElementById("count");
  var rows = Array.prototype.slice.call(document.querySelectorAll("table.rows tbody tr"));
  var texts = rows.map(function (row) { return row.textContent.toLowerCase(); });
  function choose() {
    var words = filter.value.toLowerCase().split(" ").filter(Boolean), shown = 0;
    rows.forEach(function (row, number) {
      row.hidden = !words.every(function (word) { return texts[number].indexOf(word) >= 0; });
      if (!row.hidden) { shown += 1; }
    });
    count.textContent = words.length ? shown + " of " + rows.length + " rows" : "";
  }
  form.hidden = false;
  form.addEventListener("submit", function (event) { event.preventDefault(); });
  filter.addEventListener("input", choose);
  document.addEventListener("keydown", function (event) {
    if (event.key === "/" && document.activeElement !== filter) { event.preventDefault(); filter.focus(); }
    if (event.key === "Escape" && document.activeElement === filter) { filter.value = ""; choose(); }
  });
  choose();
}());
