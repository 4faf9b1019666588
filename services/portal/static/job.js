// The page of a job: while it waits or runs its progress moves, and the page is loaded anew when it ends; a button ends it.
const job = document.getElementById("job");
const ending = document.getElementById("dismiss");
const PAUSE_MS = 1500;

async function look() {
  const answer = await fetch(ending.dataset.url, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) {
    const { status, progress, message } = await answer.json();
    if (status !== job.dataset.status) {
      location.reload();
      return;
    }
    /** @type {HTMLProgressElement} */ (document.getElementById("progress")).value = progress ?? 0;
    document.getElementById("message").textContent = message ?? "";
  }
  setTimeout(look, PAUSE_MS);
}

const button = /** @type {HTMLButtonElement} */ (document.getElementById("dismiss-button"));
button.hidden = false;
button.addEventListener("click", async () => {
  if (!confirm(ending.dataset.sure)) return;
  button.disabled = true;
  const answer = await fetch(ending.dataset.url, { method: "DELETE", headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok || answer?.status === 404) {
    location.assign(ending.dataset.after);
    return;
  }
  button.disabled = false;
  document.getElementById("dismiss-problem").textContent = ending.dataset.failed;
});

if (job) setTimeout(look, PAUSE_MS);
