// One page for every address: the server sends 200.html and everything is drawn here.
export const ssr = false;
export const prerender = false;
