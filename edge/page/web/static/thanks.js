// The screen on the bin: what it was told last. What became of an item stays for a moment.
const screen = document.getElementById("thanks");
const ITEM_MS = 4000;
let itemUntil = 0;
let next = null;  // the state that is shown once the item was

function showState() {
  if (next !== null && Date.now() >= itemUntil) {
    screen.innerHTML = next;
    next = null;
  }
}

const news = new EventSource("/thanks");
news.addEventListener("state", ({ data }) => {
  next = JSON.parse(data);
  showState();
});
news.addEventListener("item", ({ data }) => {
  next ??= screen.innerHTML;
  itemUntil = Date.now() + ITEM_MS;
  screen.innerHTML = JSON.parse(data);
  setTimeout(showState, ITEM_MS);
});
// A refusal ends an EventSource for good; whatever it was, the page itself shows it.
news.onerror = () => {
  if (news.readyState === EventSource.CLOSED) setTimeout(() => location.reload(), 5000);
};
