// Runs before the page is drawn, so that nothing jumps: text size as chosen, and the mark that scripts run.
(function () {
  var root = document.documentElement;
  root.classList.add("js");
  try {
    var size = localStorage.getItem("portal.text-size");
    if (size) root.dataset.textSize = size;
  } catch (error) {
    // Storage may be forbidden; the text then stays at its normal size.
  }
})();
