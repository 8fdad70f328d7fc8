"use strict";
(function () {
  var data = JSON.parse(document.getElementById("data").textContent);
  var answers = ["never", "perhaps", "surely"], classes = ["n", "p", "s"], signs = ["\u2013", "?", "="];
  var names = data.collections.map(function (one) { return one[0]; });
  var folded = names.map(function (name) { return name.toLowerCase(); });
  var count = names.length;
  var cells = new Map();
  data.cells.forEach(function (cell) { cells.set(cell[0] * count + cell[1], cell); });
  var grid = document.getElementById("grid"), details = document.getElementById("details");
  var filter = document.getElementById("filter"), only = document.getElementById("only");
  var hint = details.innerHTML;
  var rows = [], columns = [], current = null, opened = null, marked = [];

  function between(one, other) { return cells.get(Math.min(one, other) * count + Math.max(one, other)); }
  function escaped(text) {
    return text.replace(/[&<>"']/g, function (sign) { return "&#" + sign.charCodeAt(0) + ";"; });
  }
  function isShown(cell) { return cell !== undefined && (!only.checked || cell[5].length > 0); }
  function plural(number, word) { return number + " " + word + (number === 1 ? "" : "s"); }

  function choose() {
    var words = filter.value.toLowerCase().split(" ").filter(Boolean);
    var all = names.map(function (_, number) { return number; });
    function matches(number) { return words.every(function (word) { return folded[number].indexOf(word) >= 0; }); }
    function meetsOneOf(others) {
      return function (number) { return others.some(function (other) { return other !== number && isShown(between(number, other)); }); };
    }
    rows = all.filter(matches);
    if (only.checked) { rows = rows.filter(meetsOneOf(all)); }
    columns = words.length || only.checked ? all.filter(meetsOneOf(rows)) : all;
  }

  function cellHtml(row, column) {
    if (row === column) { return "<td class=self tabindex=-1></td>"; }
    var cell = between(row, column);
    if (!isShown(cell)) { return "<td tabindex=-1></td>"; }
    var fights = cell[5].length;
    return "<td tabindex=-1 class=\"" + classes[cell[2]] + (fights ? " c" : "") + "\">" + (fights || signs[cell[2]]) + "</td>";
  }

  function draw() {
    choose();
    var html = ["<thead><tr><th scope=col>" + plural(rows.length, "row") + "</th>"];
    columns.forEach(function (column) {
      var name = escaped(names[column]);
      html.push("<th scope=col title=\"" + name + "\"><span>" + name + "</span></th>");
    });
    html.push("</tr></thead><tbody>");
    rows.forEach(function (row) {
      var name = escaped(names[row]);
      html.push("<tr><th scope=row title=\"" + name + "\">" + name + "</th>");
      columns.forEach(function (column) { html.push(cellHtml(row, column)); });
      html.push("</tr>");
    });
    html.push("</tbody>");
    grid.style.width = 220 + 25 * columns.length + "px";
    grid.innerHTML = html.join("");
    current = null;
    marked = [];
    var first = at(0, 0);
    if (first) { first.tabIndex = 0; }
    document.getElementById("count").textContent =
      rows.length ? plural(rows.length, "row") + ", " + plural(columns.length, "column") : "no collection fits";
    mark();
  }

  function at(row, column) {
    var line = grid.tBodies[0] && grid.tBodies[0].rows[row];
    return line && column >= 0 ? line.cells[column + 1] : undefined;
  }
  function placeOf(td) { return [td.parentNode.rowIndex - 1, td.cellIndex - 1]; }

  function point(td) {
    if (current) { current.tabIndex = -1; } else if (at(0, 0)) { at(0, 0).tabIndex = -1; }
    current = td;
    td.tabIndex = 0;
    var place = placeOf(td), row = rows[place[0]], column = columns[place[1]], cell = between(row, column);
    td.setAttribute("aria-label", row === column ? names[row] : names[row] + " and " + names[column] + ": " +
      (isShown(cell) ? answers[cell[2]] + ", " + plural(cell[5].length, "conflict") : "nothing to show"));
    marked.forEach(function (head) { head.classList.remove("at"); });
    marked = [td.parentNode.cells[0], grid.tHead.rows[0].cells[td.cellIndex]];
    marked.forEach(function (head) { head.classList.add("at"); });
  }

  function mark() {
    var before = grid.querySelector("td.open");
    if (before) { before.classList.remove("open"); }
    if (!opened) { return; }
    var td = at(rows.indexOf(opened[0]), columns.indexOf(opened[1]));
    if (td) { td.classList.add("open"); }
  }

  function sideHtml(owner, side) {
    return "<dt>" + escaped(names[owner]) + "</dt><dd><code>" + escaped(side[1]) + "</code><br><b>" + escaped(side[0]) +
      "</b>: " + escaped(side[2]) + "</dd>";
  }

  function open(td) {
    var place = placeOf(td), row = rows[place[0]], column = columns[place[1]];
    if (row === column) { close(); return; }
    var cell = between(row, column);
    opened = [row, column];
    mark();
    var html = ["<h2>" + escaped(names[row]) + "<br>" + escaped(names[column]) + "</h2>"];
    if (cell === undefined) {
      html.push("<p>They have no settings for the same places.</p>");
    } else {
      html.push("<p><b>" + { never: "Never", perhaps: "Perhaps", surely: "Surely" }[answers[cell[2]]] + "</b> share a device: " +
        escaped(data.reasons[cell[3]]) + ".</p>");
      html.push("<p>" + plural(cell[4], "shared place") + ", " + plural(cell[5].length, "conflict") + ".</p>");
      html.push("<ol>");
      cell[5].forEach(function (clash) {
        // The first side belongs to the first collection of the cell.
        var sides = [data.sides[clash[1]], data.sides[clash[2]]];
        var parts = [sideHtml(cell[0], sides[0]), sideHtml(cell[1], sides[1])];
        if (cell[0] !== row) { parts.reverse(); }
        html.push("<li>" + escaped(data.natures[clash[0]]) + "<br><code>" + escaped(sides[1][3]) + "</code><dl>" + parts.join("") +
          "</dl></li>");
      });
      html.push("</ol>");
    }
    html.push("<p class=hint>Files: " + escaped(data.collections[row][1]) + ", " + escaped(data.collections[column][1]) + "</p>");
    details.innerHTML = html.join("");
    details.scrollTop = 0;
  }

  function close() {
    opened = null;
    details.innerHTML = hint;
    mark();
  }

  grid.addEventListener("focusin", function (event) { if (event.target.tagName === "TD") { point(event.target); } });
  grid.addEventListener("click", function (event) {
    var td = event.target.closest("td");
    if (td) { td.focus(); open(td); }
  });
  grid.addEventListener("keydown", function (event) {
    var td = event.target.closest("td");
    if (!td || event.altKey || event.metaKey) { return; }
    var place = placeOf(td), row = place[0], column = place[1], page = 10;
    switch (event.key) {
      case "ArrowLeft": column -= 1; break;
      case "ArrowRight": column += 1; break;
      case "ArrowUp": row -= 1; break;
      case "ArrowDown": row += 1; break;
      case "PageUp": row = Math.max(row - page, 0); break;
      case "PageDown": row = Math.min(row + page, rows.length - 1); break;
      case "Home": column = 0; if (event.ctrlKey) { row = 0; } break;
      case "End": column = columns.length - 1; if (event.ctrlKey) { row = rows.length - 1; } break;
      case "Enter": case " ": event.preventDefault(); open(td); return;
      case "Escape": close(); return;
      default: return;
    }
    event.preventDefault();
    var next = row >= 0 ? at(row, column) : undefined;
    if (next) { next.focus({ preventScroll: true }); reveal(next); }
  });

  // A cell must not hide behind the heads that stay in place.
  function reveal(td) {
    var box = document.getElementById("scroll"), left = td.parentNode.cells[0].offsetWidth, top = grid.tHead.offsetHeight;
    var x = td.offsetLeft, y = td.parentNode.offsetTop;
    if (x - left < box.scrollLeft) { box.scrollLeft = x - left; }
    if (x + td.offsetWidth > box.scrollLeft + box.clientWidth) { box.scrollLeft = x + td.offsetWidth - box.clientWidth; }
    if (y - top < box.scrollTop) { box.scrollTop = y - top; }
    if (y + td.offsetHeight > box.scrollTop + box.clientHeight) { box.scrollTop = y + td.offsetHeight - box.clientHeight; }
  }

  function drawAnew() {
    var box = document.getElementById("scroll");
    draw();
    box.scrollTop = box.scrollLeft = 0;
  }

  filter.addEventListener("input", drawAnew);
  only.addEventListener("change", drawAnew);
  document.getElementById("tools").addEventListener("submit", function (event) { event.preventDefault(); });
  document.body.classList.add("js");
  document.getElementById("tools").hidden = false;
  document.getElementById("view").hidden = false;
  draw();
})();
