// Items: older ones come by themselves as the list is scrolled. Without this script a link leads to them.
import { texts } from "./texts.js";

const list = document.getElementById("items");
const progress = document.getElementById("progress");
const MOST_EMPTY = 20;  // pages in a row on which nothing was found: then whoever looks decides whether to go on
let isLoading = false;
let empty = 0;

// The next page is asked for as a page, and its items are taken over.
async function load(link) {
  if (isLoading) return;
  isLoading = true;
  progress.textContent = texts.loading;
  try {
    const response = await fetch(link.href, { headers: { Accept: "text/html" }, credentials: "same-origin" });
    if (!response.ok || response.redirected) return location.assign(link.href);
    const page = new DOMParser().parseFromString(await response.text(), "text/html");
    const found = [...page.querySelectorAll("#items > .item")];
    if (found.length > 0) list.querySelector(".nothing")?.remove();
    empty = found.length > 0 ? 0 : empty + 1;
    list.append(...found);
    const next = page.getElementById("older");
    if (next === null) {
      watcher.disconnect();
      link.parentElement.remove();
    } else {
      link.href = next.href;
      // Told anew where the link is: it may still be in view.
      watcher.unobserve(link);
      if (empty < MOST_EMPTY) watcher.observe(link);
    }
    progress.textContent = "";
  } catch {
    progress.textContent = texts.lost;
    setTimeout(() => watcher.observe(link), 3000);
    watcher.unobserve(link);
  } finally {
    isLoading = false;
  }
}

const watcher = new IntersectionObserver(
  (entries) => entries.filter((one) => one.isIntersecting).forEach((one) => load(one.target)),
  { rootMargin: "800px" },
);
const older = document.getElementById("older");
if (older !== null) {
  watcher.observe(older);
  older.addEventListener("click", (event) => {
    event.preventDefault();
    empty = 0;
    load(older);
  });
}
