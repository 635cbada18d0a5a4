/*
 * Loads the page again when the app did not start: a wall that reloads while a new build is being put in place may get
 * its page from one build and look for files of the other, and nobody is there to press a key. It has a name that never
 * changes, so it is found in every build.
 */
const LIMIT_MS = 30_000;
setTimeout(() => {
  if (!('started' in document.documentElement.dataset)) location.reload();
}, LIMIT_MS);
