// The API of docs/api.md. What fails is an ApiError with one line for people.

/** A request that was refused or did not arrive. */
export class ApiError extends Error {
  /**
   * @param {number} status 0 where no answer came
   * @param {string} code as in docs/api.md; `offline` where no answer came
   * @param {string} detail one line
   */
  constructor(status, code, detail) {
    super(detail);
    this.status = status;
    this.code = code;
  }

  get isOffline() {
    return this.status === 0;
  }
}

/** Lines begin with a capital on the page, and people count frames from 1; the API does neither. */
const sentence = text => (text.charAt(0).toUpperCase() + text.slice(1)).replace(/\b(frame) (\d+)/gi, (_, word, frame) => `${word} ${Number(frame) + 1}`);

/**
 * Sends a request.
 * @param {string} method
 * @param {string} path below /api
 * @param {{json?: any, body?: BodyInit, headers?: Record<string, string>, signal?: AbortSignal}} [options]
 * @returns {Promise<Response>} an answer with a status of 2xx or 304
 */
export async function send(method, path, { json, body, headers = {}, signal } = {}) {
  let response;
  try {
    response = await fetch(`/api${path}`, {
      method,
      headers: json === undefined ? headers : { 'Content-Type': 'application/json', ...headers },
      body: json === undefined ? body : JSON.stringify(json),
      cache: headers['If-None-Match'] ? 'no-store' : 'default',
      signal,
    });
  } catch (e) {
    if (e.name === 'AbortError') throw e;
    throw new ApiError(0, 'offline', 'The server does not answer. It may be starting again.');
  }
  if (response.ok || response.status === 304) return response;
  let problem = {};
  try {
    problem = await response.json();
  } catch {
    // Not from this server: a proxy's page, for instance.
  }
  if (response.status === 401) dispatchEvent(new CustomEvent('token-missing'));
  throw new ApiError(response.status, problem.code ?? 'http', sentence(problem.detail ?? `the server answered ${response.status}.`));
}

const read = async (method, path, options) => {
  const response = await send(method, path, options);
  return response.status === 204 ? null : response.json();
};

export const get = (path, options) => read('GET', path, options);
export const post = (path, json, options) => read('POST', path, { json, ...options });
export const put = (path, json, options) => read('PUT', path, { json, ...options });
export const patch = (path, json, options) => read('PATCH', path, { json, ...options });
export const remove = (path, options) => read('DELETE', path, options);

/** Every item of a list that comes in pages. */
export async function all(path, limit) {
  const items = [];
  for (let after = null; ;) {
    const page = await get(`${path}?limit=${limit}${after === null ? '' : `&after=${encodeURIComponent(after)}`}`);
    items.push(...page.items);
    if (page.next === null) return items;
    after = page.next;
  }
}

/** Address of a frame's picture. */
export const frameUrl = (project, frame, width) => `/api/projects/${project}/frames/${frame}${width ? `?width=${width}` : ''}`;
