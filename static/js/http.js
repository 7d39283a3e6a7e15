// The one door to the server's JSON. Every failure is an ApiError with words for people.
export class ApiError extends Error {
  constructor(status, body, retryAfter) {
    super(body?.message || '');
    this.status = status;
    this.code = body?.error || 'unreachable';
    this.requestId = body?.requestId || '';
    this.body = body;
    this.retryAfter = retryAfter;
  }
}

// The session sets these: the server no longer knows us; something must be done first; it heard us.
export const hooks = { expired() {}, owes() {}, used() {} };
const OWED = ['password_change', 'totp_required'];
const brought = JSON.parse(document.getElementById('brought')?.textContent || '{}');
let xsrf = '';

// null: there is one, and the first post asks for it; the document brings none.
export function rememberXsrf(token) {
  xsrf = token;
}

async function read(response) {
  const text = await response.text();
  try {
    return text ? JSON.parse(text) : {};
  } catch {
    return {};
  }
}

async function ask(method, path, body, { signal } = {}) {
  const headers = { Accept: 'application/json' };
  if (method !== 'GET') Object.assign(headers, { 'Content-Type': 'application/json', 'X-XSRFToken': xsrf });
  const options = { method, headers, signal, credentials: 'same-origin', cache: 'no-store' };
  if (method !== 'GET') options.body = JSON.stringify(body ?? {});
  let response;
  try {
    response = await fetch(`/api/v1/${path}`, options);
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new ApiError(0, null);
  }
  if (response.ok) {
    hooks.used();
    return response;
  }
  throw new ApiError(response.status, await read(response), Number(response.headers.get('Retry-After')) || null);
}

// A file as it comes in; `onBytes` hears how much is there.
async function receive(response, onBytes) {
  const [parts, reader] = [[], response.body.getReader()];
  for (let bytes = 0; ;) {
    const { done, value } = await reader.read().catch(() => {
      throw new ApiError(0, null);
    });
    if (done) {
      return { blob: new Blob(parts, { type: response.headers.get('Content-Type') }), headers: response.headers };
    }
    parts.push(value);
    onBytes((bytes += value.length));
  }
}

// Whatever is asked: an ended session and what the user owes are heard of.
async function heeded(path, work) {
  try {
    return await work();
  } catch (error) {
    if (error.code === 'unauthenticated') hooks.expired(path);
    if (OWED.includes(error.code)) hooks.owes();
    throw error;
  }
}

const guarded = (method, path, body, options, take = read) =>
  heeded(path, async () => take(await ask(method, path, body, options)));

// The document brings the first answers along; each is good once.
export const isBrought = (path) => path in brought;
async function use(path) {
  const answer = brought[path];
  delete brought[path];
  return answer;
}
export const get = (path, options) => (isBrought(path) ? use(path) : guarded('GET', path, undefined, options));
export const getFile = (path, onBytes) => guarded('GET', path, undefined, {}, (response) => receive(response, onBytes));

async function withToken(send) {
  try {
    if (xsrf === null) rememberXsrf((await get('me')).xsrf);
    return await send();
  } catch (error) {
    if (error.status !== 403 || error.code !== 'xsrf') throw error;
    // Someone signed in again in another tab: take the new token and try once more.
    rememberXsrf((await get('me')).xsrf);
    return send();
  }
}
export const post = (path, body) => withToken(() => guarded('POST', path, body));

function parsed(text) {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

// Not by fetch, which does not tell how much of a body has gone out.
const sent = (path, file, onSent) =>
  new Promise((resolve, reject) => {
    const request = new XMLHttpRequest();
    request.open('POST', `/api/v1/${path}`);
    request.setRequestHeader('Content-Type', 'application/octet-stream');
    request.setRequestHeader('X-XSRFToken', xsrf);
    request.upload.onprogress = ({ loaded }) => onSent(loaded);
    request.onerror = () => reject(new ApiError(0, null));
    request.onload = () => {
      const body = parsed(request.responseText);
      if (request.status !== 200 || !body) return reject(new ApiError(request.status, body));
      hooks.used();
      return resolve(body);
    };
    request.send(file);
  });

// A file as the body; `onSent` hears how many of its bytes are on their way.
export const postFile = (path, file, onSent) => withToken(() => heeded(path, () => sent(path, file, onSent)));

export const query = (params) => {
  const filled = Object.entries(params).filter(([, value]) => value !== '' && value !== null && value !== undefined);
  return new URLSearchParams(filled).toString();
};
