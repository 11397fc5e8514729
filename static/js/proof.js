// A form behind a proof of work: the browser works while somebody writes, and the proof goes into the form's address.
// The form is hidden until this runs; without it the small sum above it leads on.
export function startProofs(scope = document) {
  for (const form of scope.querySelectorAll("form[data-proof]")) start(form);
}

function start(form) {
  if (!("Worker" in window)) return;
  let worker;
  try {
    worker = new Worker(form.dataset.proofWorker);
  } catch {
    return;
  }
  const says = form.querySelector("[data-proof-says]");
  let found = false;
  let waiting = false;
  const sum = document.querySelector("[data-proof-sum]");
  form.hidden = false;
  if (sum) sum.hidden = true;
  form.addEventListener("submit", (event) => {
    if (found) return;
    event.preventDefault();
    event.stopPropagation(); // it has not been sent: the next try is no double click
    waiting = true;
    says.textContent = form.dataset.proofWait;
  });
  worker.addEventListener("message", ({ data }) => {
    found = true;
    form.action = `?${new URLSearchParams({ c: form.dataset.proof, n: data })}`;
    worker.terminate();
    says.textContent = "";
    if (!waiting) return;
    if (form.requestSubmit) form.requestSubmit();
    else form.submit();
  });
  // what cannot work here leaves the sum
  worker.addEventListener("error", () => {
    if (sum) sum.hidden = false;
  });
  worker.postMessage({ challenge: form.dataset.proof, bits: Number(form.dataset.proofBits) });
}
