// At the desk a page of results leads back to its batch; anywhere else there is no such page.
document.addEventListener("DOMContentLoaded", () => {
  "use strict";
  const back = document.querySelector(".back");
  const batch = /^(\/batches\/[^/]+)\/files\//.exec(location.pathname);
  if (!back || !batch || !location.protocol.startsWith("http")) return;
  const link = document.createElement("a");
  link.href = batch[1];
  link.textContent = "‹ The batch";
  back.append(link);
  back.hidden = false;
});
