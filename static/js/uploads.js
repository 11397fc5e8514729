// Files go up one by one as soon as they are chosen, dropped or photographed, each with its own progress and result.
// Without this the files go with their form. The server alone decides what is kept: the same content is kept once, so
// that a file may be sent again whenever its answer was lost.

const UNAUTHORISED = 401;
let underWay = 0;

class Upload {
  constructor(area, file) {
    this.area = area;
    this.file = file;
    this.row = document.createElement("li");
    this.name = document.createElement("span");
    this.name.className = "file-entry";
    this.name.textContent = file.name;
    this.state = document.createElement("span");
    this.state.className = "upload-state";
    this.row.append(this.name, this.state);
    this.show("is-waiting", area.words.wordWaiting);
  }

  show(mark, words) {
    this.row.className = mark;
    this.state.textContent = words;
  }

  // What need not be sent to be refused, in the words the server has for it.
  fault() {
    const { uploadEndings, uploadMost, wordKind, wordLarge } = this.area.words;
    const ending = this.file.name.split(".").pop().toLowerCase();
    if (!uploadEndings.split(",").includes(ending)) return wordKind.replace("{name}", this.file.name);
    if (this.file.size > Number(uploadMost)) return wordLarge.replace("{name}", this.file.name);
    return "";
  }

  async send() {
    this.kept = false;
    this.lost = false;
    const fault = this.fault();
    if (fault) {
      this.show("is-refused", fault);
      return;
    }
    const bar = document.createElement("progress");
    bar.max = 1;
    bar.setAttribute("aria-label", this.file.name);
    this.show("is-sending", this.area.words.wordSending);
    this.state.append(bar);
    const { status, answer } = await this.post(bar);
    if (answer) {
      this.kept = answer.kept;
      this.show(answer.kept ? "is-kept" : "is-refused", answer.said);
    } else {
      this.lost = true;
      const { wordSignedOut, wordLost } = this.area.words;
      this.show("is-lost", status === UNAUTHORISED ? wordSignedOut : wordLost);
      if (status === UNAUTHORISED) document.getElementById("signed-out").hidden = false;
      this.offerAgain();
    }
  }

  post(bar) {
    return new Promise((resolve) => {
      const request = new XMLHttpRequest();
      request.open("POST", this.area.words.upload);
      request.responseType = "json";
      // Without a session such a request is answered with 401 and not led to the sign-in page.
      request.setRequestHeader("HX-Request", "true");
      request.upload.addEventListener("progress", (event) => {
        if (event.lengthComputable) bar.value = event.loaded / event.total;
      });
      request.addEventListener("loadend", () => {
        resolve({ status: request.status, answer: request.status === 200 ? request.response : null });
      });
      request.send(this.area.fieldsFor(this.file));
    });
  }

  offerAgain() {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "btn btn-secondary btn-sm";
    button.textContent = this.area.words.wordAgain;
    button.addEventListener("click", () => {
      this.area.holdFocus(button);
      this.show("is-waiting", this.area.words.wordWaiting);
      this.area.queue([this]);
    });
    this.state.append(" ", button);
  }
}

class Area {
  constructor(section) {
    this.section = section;
    this.words = section.dataset;
    this.form = section.closest("form") || section.querySelector("form");
    this.results = section.querySelector("[data-upload-results]");
    this.all = [];
    this.waiting = [];
    this.busy = false;
    section.classList.add("is-live");
    section.addEventListener("change", (event) => this.chosen(event));
    this.takeDrops(section);
  }

  chosen(event) {
    const input = event.target;
    if (input.type !== "file") return;
    const files = Array.from(input.files);
    // The form must not bring them a second time.
    input.value = "";
    this.take(input.hasAttribute("data-upload-camera") ? files.map((file) => this.named(file)) : files);
  }

  // Phones call every photo "image.jpg": it is named after its item and its time instead.
  named(file) {
    const now = new Date();
    const two = (number) => String(number).padStart(2, "0");
    const day = `${now.getFullYear()}-${two(now.getMonth() + 1)}-${two(now.getDate())}`;
    const time = `${two(now.getHours())}.${two(now.getMinutes())}.${two(now.getSeconds())}`;
    const name = [this.words.wordPhoto, this.words.uploadLabel, day, time].filter(Boolean).join(" ");
    return new File([file], `${name}.${file.name.split(".").pop().toLowerCase()}`, { type: file.type });
  }

  takeDrops(section) {
    const zone = section.querySelector("[data-upload-zone]");
    const over = (is) => zone.classList.toggle("is-over", is);
    section.addEventListener("dragover", (event) => {
      if (!event.dataTransfer.types.includes("Files")) return;
      event.preventDefault();
      over(true);
    });
    section.addEventListener("dragleave", (event) => {
      if (!section.contains(event.relatedTarget)) over(false);
    });
    section.addEventListener("drop", (event) => {
      event.preventDefault();
      over(false);
      this.take(Array.from(event.dataTransfer.files));
    });
  }

  take(files) {
    if (!files.length) return;
    const fresh = files.map((file) => new Upload(this, file));
    this.results.hidden = false;
    this.results.querySelector("ul").append(...fresh.map((upload) => upload.row));
    this.all.push(...fresh);
    this.queue(fresh);
  }

  queue(uploads) {
    underWay += uploads.length;
    this.waiting.push(...uploads);
    if (!this.busy) this.work();
  }

  async work() {
    this.busy = true;
    while (this.waiting.length) {
      await this.waiting.shift().send();
      underWay -= 1;
      this.sum();
    }
    this.busy = false;
    if (this.all.some((upload) => upload.kept)) await this.refresh();
  }

  sum() {
    const kept = this.all.filter((upload) => upload.kept).length;
    const words = this.words.wordSum.replace("{kept}", kept).replace("{all}", this.all.length);
    this.results.querySelector("[data-upload-sum]").textContent = words;
  }

  fieldsFor(file) {
    const fields = new FormData();
    const names = ["csrfmiddlewaretoken", ...(this.words.uploadSends || "").split(" ").filter(Boolean)];
    for (const name of names) fields.append(name, this.form.elements[name].value);
    fields.append("file", file);
    return fields;
  }

  // Whoever stands on something that goes away stands on the field for new files instead, not on nothing.
  holdFocus(going) {
    if (going.contains(document.activeElement)) this.section.querySelector("input[type=file]").focus();
  }

  // What is shown comes from the page itself, so that there is one way of showing it; nothing else on it is touched.
  async refresh() {
    const answer = await fetch(location.href, { redirect: "manual" }).catch(() => null);
    if (!answer?.ok) return;
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.getElementById(this.words.uploadShows);
    if (!fresh) return;
    const shown = document.getElementById(this.words.uploadShows);
    this.holdFocus(shown);
    shown.replaceChildren(...fresh.childNodes);
  }
}

const areas = Array.from(document.querySelectorAll("[data-upload]"), (section) => new Area(section));
if (areas.length) {
  // A file let go beside the area would otherwise open in place of the page, with what was typed on it.
  for (const kind of ["dragover", "drop"]) window.addEventListener(kind, (event) => event.preventDefault());
  window.addEventListener("beforeunload", (event) => {
    if (underWay) event.preventDefault();
  });
}
