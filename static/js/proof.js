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
  const sum = document.querySelector("[data-proof-sum]");
  let found = false;
  let broken = false;
  let waiting = false;
  form.hidden = false;
  if (sum) sum.hidden = true;

  const bring = (challenge, number) => {
    found = true;
    form.action = `?${new URLSearchParams({ c: challenge, n: number })}`;
    says.textContent = "";
  };

  // The sum's answer goes along with the form, so that no word of it is typed twice.
  const bringSum = () => {
    const answer = sum.elements.n;
    if (answer.value.trim()) bring(sum.elements.c.value, answer.value.trim());
    else answer.focus();
    return found;
  };

  form.addEventListener("submit", (event) => {
    if (broken && sum) found = false; // another answer may stand there by now
    if (found || (broken && (!sum || bringSum()))) return;
    event.preventDefault();
    event.stopPropagation(); // it has not been sent: the next try is no double click
    waiting = true;
    says.textContent = broken ? form.dataset.proofAsks : form.dataset.proofWait;
  });
  worker.addEventListener("message", ({ data }) => {
    bring(form.dataset.proof, data);
    worker.terminate();
    if (!waiting) return;
    if (form.requestSubmit) form.requestSubmit();
    else form.submit();
  });
  // What cannot work here leaves the sum: nobody waits for a proof that never comes.
  worker.addEventListener("error", () => {
    broken = true;
    worker.terminate();
    if (!sum) return;
    sum.hidden = false;
    sum.addEventListener("submit", (event) => {
      event.preventDefault();
      event.stopPropagation();
      if (bringSum()) form.querySelector("input:not([type=hidden]), textarea").focus();
    });
    if (!waiting) return;
    says.textContent = form.dataset.proofAsks;
    sum.elements.n.focus();
  });
  worker.postMessage({ challenge: form.dataset.proof, bits: Number(form.dataset.proofBits) });
}
