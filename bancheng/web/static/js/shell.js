/* What every page needs from a script, and nothing a task depends on: focus after errors, the word about a lost connection. */
(function () {
  "use strict";
  var net = document.getElementById("bc-net");
  var last = null;

  function onLoad(root) {
    var summary = root.matches && root.matches('[data-bc="errors"]') ? root : root.querySelector && root.querySelector('[data-bc="errors"]');
    if (summary) summary.focus();
  }

  function lost(event) {
    last = event.detail.elt;
    if (net) net.hidden = false;
  }

  onLoad(document);
  document.addEventListener("htmx:load", function (event) { onLoad(event.target); });
  document.addEventListener("htmx:sendError", lost);
  document.addEventListener("htmx:timeout", lost);
  document.addEventListener("htmx:afterOnLoad", function () { if (net) net.hidden = true; });
  // an answer with an error status is a whole page of ours (refused, forbidden, sorry): show it as one
  document.addEventListener("htmx:responseError", function (event) {
    var parsed = new DOMParser().parseFromString(event.detail.xhr.responseText, "text/html").getElementById("main");
    var main = document.getElementById("main");
    if (parsed && main) { main.replaceWith(parsed); parsed.focus(); }
  });
  document.addEventListener("click", function (event) {
    if (!event.target.closest("[data-bc-retry]") || !last || !window.htmx) return;
    net.hidden = true;
    var form = last.closest("form") || last;
    if (form.requestSubmit && form.tagName === "FORM") form.requestSubmit(); else window.htmx.trigger(last, "click");
  });
  document.addEventListener("click", function (event) {
    var button = event.target.closest("[data-bc=print]");
    if (button) window.print();
  });
  document.addEventListener("change", function (event) {
    var form = event.target.closest("form[data-bc=auto]");   // a filter that needs no press
    if (form) form.requestSubmit ? form.requestSubmit() : form.submit();
  });
}());
