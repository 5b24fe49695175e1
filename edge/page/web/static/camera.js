// The bin's stream: what the camera sees, with the outline of what lies there, and news. Nothing comes while nobody looks.
const place = (id) => document.getElementById(id);
const picture = place("picture"), outline = place("outline"), waiting = place("waiting");
const FIRST_PAUSE_MS = 500, LONGEST_PAUSE_MS = 5000;
const OLD_MS = 3000;  // a picture older than this no longer shows what is

// news: {onMessage(message), onPicture(header or null: there is none), retry(): asked before each new attempt, may fail}
export function watch({ onMessage = () => {}, onPicture = () => {}, retry = async () => {} }) {
  let stream = null;
  let pause = FIRST_PAUSE_MS;
  let address = null;  // of the picture that is shown
  let shownAt = 0;

  function show(data) {
    const bytes = new Uint8Array(data);
    const end = bytes.indexOf(10);
    const header = JSON.parse(new TextDecoder().decode(bytes.subarray(0, end)));
    const next = URL.createObjectURL(new Blob([bytes.subarray(end + 1)], { type: "image/jpeg" }));
    picture.onload = picture.onerror = () => {
      if (stream?.readyState === WebSocket.OPEN) stream.send("shown");
    };
    picture.width = header.width;
    picture.height = header.height;
    picture.src = next;
    picture.hidden = false;
    waiting.hidden = true;
    if (address !== null) URL.revokeObjectURL(address);
    address = next;
    shownAt = Date.now();
    outline.setAttribute("points", header.item === null ? "" : header.item.outline.map((corner) => corner.join(",")).join(" "));
    onPicture(header);
  }

  function hide() {
    picture.hidden = true;
    outline.setAttribute("points", "");
    waiting.hidden = false;
    onPicture(null);
  }

  function connect() {
    if (stream !== null || document.hidden) return;
    const own = new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/live/stream`);
    stream = own;
    own.binaryType = "arraybuffer";
    own.onmessage = ({ data }) => {
      pause = FIRST_PAUSE_MS;
      if (typeof data === "string") onMessage(JSON.parse(data));
      else show(data);
    };
    own.onclose = () => {
      if (stream !== own) return;
      stream = null;
      hide();
      setTimeout(again, pause);
      pause = Math.min(2 * pause, LONGEST_PAUSE_MS);
    };
  }

  async function again() {
    if (document.hidden) return;
    await retry();
    connect();
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) {
      const own = stream;
      stream = null;
      own?.close();
    } else {
      connect();
    }
  });
  setInterval(() => {
    if (!picture.hidden && Date.now() - shownAt > OLD_MS) hide();
  }, 1000);
  connect();
}
