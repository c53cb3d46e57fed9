"use strict";
// Shows the values of a chart at the pointer, or at the arrow keys. The page reads without this script:
// then a browser shows the same texts as tooltips, and radio buttons select the case.
(() => {
  const tip = document.createElement("div");
  tip.id = "tip";
  tip.setAttribute("role", "status");
  tip.hidden = true;
  document.body.append(tip);
  let current = null;

  const hide = () => {
    current?.classList.remove("on");
    current = null;
    tip.hidden = true;
  };
  const show = (hit) => {
    hide();
    current = hit;
    hit.classList.add("on");
    tip.textContent = hit.dataset.text;
    tip.hidden = false;
    const place = hit.getBoundingClientRect();
    const [width, height] = [tip.offsetWidth, tip.offsetHeight];
    const middle = place.left + place.width / 2;
    tip.style.left = `${Math.max(4, Math.min(innerWidth - width - 4, middle - width / 2))}px`;
    tip.style.top = `${place.top > height + 8 ? place.top - height - 6 : Math.min(place.bottom + 6, innerHeight - height - 4)}px`;
  };

  for (const hit of document.querySelectorAll(".hit")) {
    const title = hit.querySelector("title");
    hit.dataset.text = title.textContent;
    title.remove();
  }
  document.addEventListener("pointerover", (event) => {
    const hit = event.target.closest?.(".hit");
    if (hit) show(hit);
    else hide();
  });
  for (const chart of document.querySelectorAll(".chart")) {
    chart.addEventListener("keydown", (event) => {
      const hits = [...chart.querySelectorAll(".hit")];
      const step = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity }[event.key];
      if (event.key === "Escape") hide();
      if (step === undefined || hits.length === 0) return;
      event.preventDefault();
      const at = hits.indexOf(current);
      show(hits[Math.max(0, Math.min(hits.length - 1, at < 0 ? 0 : at + step))]);
    });
    chart.addEventListener("blur", hide);
  }
  document.addEventListener("scroll", hide, true);
  const select = () => {
    const radio = document.getElementById(location.hash.slice(1));
    if (radio?.name === "case") radio.checked = true;
  };
  addEventListener("hashchange", select);
  select();
})();
