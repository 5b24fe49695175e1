// The tray as the camera sees it, one picture after the other while somebody looks.

const PAUSE_MS = 500;

let number = 0;

// image: shows it. problem: says why there is none. onPicture: takes the tray's region of each.
export async function showPictures(image, problem, onPicture = () => {}) {
  for (;;) {
    if (!document.hidden) {
      try {
        const response = await fetch(`/set-up/picture/${(number += 1)}`, { headers: { Accept: "application/json" } });
        if (!response.ok) throw new Error((await response.json()).error);
        const address = URL.createObjectURL(await response.blob());
        const before = image.src;
        image.src = address;
        await image.decode();
        URL.revokeObjectURL(before);
        if (problem.textContent) problem.textContent = "";
        onPicture(response.headers.get("X-Tray-Region").split(",").map(Number));
      } catch (error) {
        if (problem.textContent !== error.message) problem.textContent = error.message;
      }
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}
