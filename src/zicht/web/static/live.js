// News as it comes: the content of the page is fetched anew when the store has changed.
// Pages are whole without this script.
"use strict";
(() => {
  const main = document.getElementById("main");
  const patience = 3000; // milliseconds between two tries, while the page is made anew
  let wanted = main.dataset.view;
  let stream = null;
  let trying = false;

  const isBusy = () => main.contains(document.activeElement) || main.querySelector("details[open]");

  const show = async () => {
    const answer = await fetch(location.href);
    if (!answer.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById("main");
    if (!fresh || isBusy()) return;
    main.replaceChildren(...fresh.childNodes);
    main.dataset.view = fresh.dataset.view;
    document.title = page.title;
  };

  const follow = async () => {
    if (trying) return;
    trying = true;
    for (let tries = 0; tries < 20 && stream && main.dataset.view !== wanted; tries += 1) {
      await show().catch(() => {});
      if (main.dataset.view !== wanted) await new Promise((done) => setTimeout(done, patience));
    }
    trying = false;
  };

  const look = () => {
    if (document.hidden) {
      stream?.close();
      stream = null;
    } else if (!stream) {
      stream = new EventSource("/api/v1/updates");
      stream.addEventListener("view", (event) => {
        wanted = JSON.parse(event.data).key;
        follow();
      });
    }
  };

  document.addEventListener("visibilitychange", look);
  look();
})();
