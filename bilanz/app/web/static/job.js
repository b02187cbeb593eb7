// Follows a job by server-sent events; without this script the page loads itself again.
const bar = document.getElementById("job-progress");
const state = document.getElementById("job-state");
const events = new EventSource(bar.dataset.events);
events.onmessage = (event) => {
  const told = JSON.parse(event.data);
  bar.value = Math.round(told.progress * 100);
  state.textContent = told.state;
  if (told.is_over) {
    events.close();
    window.location.reload();
  }
};
