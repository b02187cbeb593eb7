// Dropping files onto the form, and a bar while they are sent; without this script the form works by itself.
const form = document.querySelector("form[data-upload]");
const drop = form.querySelector("[data-drop]");
const input = form.querySelector("input[type=file]");
const box = form.querySelector("[data-progress]");
const bar = form.querySelector("progress");
const said = form.querySelector("[data-said]");
const button = form.querySelector("button[type=submit]");

form.querySelector(".drop__hint").hidden = false;
for (const name of ["dragenter", "dragover"]) {
  drop.addEventListener(name, (event) => {
    event.preventDefault();
    drop.classList.add("drop--over");
  });
}
for (const name of ["dragleave", "drop"]) {
  drop.addEventListener(name, () => drop.classList.remove("drop--over"));
}
drop.addEventListener("drop", (event) => {
  event.preventDefault();
  if (event.dataTransfer.files.length) input.files = event.dataTransfer.files;
});

function tell(text) {
  said.textContent = text;
  box.hidden = true;
  button.disabled = false;
}

function problems(page) {
  const found = new DOMParser().parseFromString(page, "text/html").querySelector("main .kern-alert");
  return found ? found.textContent.trim().replace(/\s+/g, " ") : "";
}

form.addEventListener("submit", (event) => {
  if (!window.XMLHttpRequest || !input.files.length) return;
  event.preventDefault();
  const sending = new XMLHttpRequest();
  sending.open("POST", form.action);
  sending.setRequestHeader("x-csrf-token", form.elements.csrf.value);
  sending.upload.addEventListener("progress", (step) => {
    if (step.lengthComputable) bar.value = Math.round((step.loaded / step.total) * 100);
  });
  sending.addEventListener("load", () => {
    if (sending.status < 400) window.location.assign(sending.responseURL);
    else tell(problems(sending.responseText) || sending.statusText);
  });
  sending.addEventListener("error", () => form.submit());
  box.hidden = false;
  button.disabled = true;
  said.textContent = "";
  sending.send(new FormData(form));
});
