// Try a picture: a phone's picture is made smaller before it is sent. Without this script it is sent as it is.
import { texts } from "./texts.js";

const form = document.getElementById("try");
const inputs = [...form.querySelectorAll("input[type=file]")];  // of the camera, and of files
const busy = document.getElementById("busy");
const SIDE = 1600;  // pixels; the model sees less

// Its position and whatever else a phone writes into a picture is lost on the way.
async function smaller(file) {
  const picture = await createImageBitmap(file, { imageOrientation: "from-image" });
  const factor = Math.min(1, SIDE / Math.max(picture.width, picture.height));
  const canvas = document.createElement("canvas");
  canvas.width = Math.round(picture.width * factor);
  canvas.height = Math.round(picture.height * factor);
  canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
  const content = await new Promise((done) => canvas.toBlob(done, "image/jpeg", 0.92));
  return new File([content], "picture.jpg", { type: "image/jpeg" });
}

// The one that was chosen last counts.
for (const input of inputs) {
  input.addEventListener("change", () => inputs.filter((one) => one !== input).forEach((one) => { one.value = ""; }));
}
form.addEventListener("submit", async (event) => {
  event.preventDefault();
  busy.textContent = texts.busy;
  form.querySelector("button").disabled = true;
  try {
    const input = inputs.find((one) => one.files.length > 0);
    const files = new DataTransfer();
    files.items.add(await smaller(input.files[0]));
    input.files = files.files;
  } catch {
    // None was chosen, or none that this browser knows: the bin says what is wrong.
  }
  form.submit();
});
window.addEventListener("pageshow", () => {
  busy.textContent = "";
  form.querySelector("button").disabled = false;
});
