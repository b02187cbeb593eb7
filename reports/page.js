// Draws the figures held in the page. Without this script the page is complete: its tables are open.
(function () {
  "use strict";
  var root = document.documentElement;
  var payload = JSON.parse(document.getElementById("figures").textContent);
  var narrow = 520;
  var drawn = [];

  // On a phone the names left of the bars get a smaller type so that the bars keep some room.
  function fitted(layout, width) {
    var small = Object.assign({}, layout);
    if (width < narrow) {
      small.font = Object.assign({}, layout.font, { size: 11 });
      small.margin = Object.assign({}, layout.margin, { l: 4, r: 10 });
    }
    return small;
  }

  function draw(box) {
    var figure = payload.figures[box.dataset.figure];
    if (!figure) { return; }
    box.classList.add("drawn");
    // Where names would lie upon each other the open table says it better.
    if (box.clientWidth < ((figure.layout.meta || {}).least || 0)) {
      box.classList.remove("drawn");
      return;
    }
    var layout = fitted(figure.layout, box.clientWidth);
    window.Plotly.newPlot(box, figure.data, layout, payload.config);
    drawn.push(box);
    var details = box.parentElement.querySelector("details");
    if (details) { details.open = false; }
  }

  function eachDetails(change) {
    Array.prototype.forEach.call(document.querySelectorAll("details"), change);
  }

  // Paper shows every table, and the charts at the width of the sheet.
  function beforePrint() {
    eachDetails(function (details) {
      details.dataset.was = details.open ? "open" : "closed";
      details.open = true;
    });
    drawn.forEach(function (box) {
      window.Plotly.relayout(box, { width: 660, autosize: false });
    });
  }

  function afterPrint() {
    eachDetails(function (details) { details.open = details.dataset.was !== "closed"; });
    drawn.forEach(function (box) {
      window.Plotly.relayout(box, { width: null, autosize: true });
    });
  }

  if (window.Plotly) {
    root.classList.add("js");
    if (payload.locale) { window.Plotly.register(payload.locale); }
    Array.prototype.forEach.call(document.querySelectorAll(".chart"), draw);
    window.addEventListener("beforeprint", beforePrint);
    window.addEventListener("afterprint", afterPrint);
  }
})();
