// WeChat's own pay sheet: it is given what the channel signed. Whatever it then says, the page of the use knows better.
(() => {
  const button = document.querySelector("[data-wechat]");
  const done = () => location.assign(button.dataset.then);
  const pay = () => window.WeixinJSBridge.invoke("getBrandWCPayRequest", JSON.parse(button.dataset.wechat), done);
  const ready = () => {
    button.addEventListener("click", pay);
    pay();
  };
  if (window.WeixinJSBridge) ready();
  else document.addEventListener("WeixinJSBridgeReady", ready, { once: true });
})();
