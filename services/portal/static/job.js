// The page of a job that waits or runs: its progress moves, and the page is loaded anew when it ends.
const job = document.getElementById("job");
const PAUSE_MS = 1500;

async function look() {
  const answer = await fetch(job.dataset.url, { headers: { Accept: "application/json" } }).catch(() => null);
  if (answer?.ok) {
    const { status, progress, message } = await answer.json();
    if (status !== job.dataset.status) {
      location.reload();
      return;
    }
    document.getElementById("progress").value = progress ?? 0;
    document.getElementById("message").textContent = message ?? "";
  }
  setTimeout(look, PAUSE_MS);
}

setTimeout(look, PAUSE_MS);
