// Lists the projects.
const state = document.getElementById('state');
const response = await fetch('/api/projects');
const answer = await response.json();
if (response.ok) {
  state.textContent = answer.items.length === 0 ? 'There is no project yet.' : 'Projects';
  for (const project of answer.items) {
    const item = document.createElement('li');
    item.textContent = `${project.name}: ${project.frames.count} frames, ${project.objects} objects`;
    document.getElementById('projects').append(item);
  }
} else {
  state.textContent = answer.detail;
}
