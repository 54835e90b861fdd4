// Renew the page when the simulator has something new; without scripts the person reloads it.
(function () {
  var known = document.body.getAttribute("data-live");
  if (!known) return;
  setInterval(function () {
    if (document.hidden || document.activeElement instanceof HTMLInputElement) return;
    fetch("/phone/version").then(function (answer) { return answer.text(); }).then(function (version) {
      if (version !== known) location.reload();
    }).catch(function () {});
  }, 2000);
})();
