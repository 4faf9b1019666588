// The list of jobs: where the server lists none, those that this browser has seen.
const url = new URL(location.href);
const known = localStorage.getItem("jobs");
if (known && !url.searchParams.has("ids")) {
  url.searchParams.set("ids", known);
  location.replace(url.href);
}
