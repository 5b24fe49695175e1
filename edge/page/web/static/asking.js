// Requests of the page's scripts to the bin.

const token = document.querySelector('meta[name="csrf"]')?.content ?? "";

// An answer that says why something could not be done.
export class Refused extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

// Asks for JSON. With a body (an object, or FormData) it is a POST that carries the session's token.
export async function ask(path, body) {
  const headers = { Accept: "application/json" };
  const options = { headers, credentials: "same-origin" };
  if (body !== undefined) {
    options.method = "POST";
    headers["X-CSRF-Token"] = token;
    options.body = body instanceof FormData ? body : JSON.stringify(body);
    if (!(body instanceof FormData)) headers["Content-Type"] = "application/json";
  }
  const response = await fetch(path, options);
  if (response.status === 401) location.reload();  // leads to the log-in
  const answer = await response.json();
  if (!response.ok) throw new Refused(response.status, answer.error ?? response.statusText);
  return answer;
}
