import type { SimulatedProvider, Simulator } from '../../src/simulator/index.ts';

/** An answer, its body read as JSON where it is JSON. */
export interface ApiAnswer {
  status: number;
  body: unknown;
  headers: Headers;
}

/** Calls one provider's API with its key. */
export class ProviderApi {
  readonly base: string;
  readonly headers: Record<string, string>;

  constructor(simulator: Simulator, provider: SimulatedProvider, path = '') {
    const key = simulator.keys[provider][0] ?? '';
    this.base = `${simulator.baseUrls[provider]}${path}`;
    this.headers = provider === 'twelvelabs' ? { 'x-api-key': key } : { authorization: `Bearer ${key}` };
  }

  get(path: string): Promise<ApiAnswer> {
    return this.send('GET', path);
  }

  json(method: string, path: string, body: unknown): Promise<ApiAnswer> {
    return this.send(method, path, JSON.stringify(body), { 'content-type': 'application/json' });
  }

  form(path: string, form: FormData): Promise<ApiAnswer> {
    return this.send('POST', path, form);
  }

  async send(
    method: string,
    path: string,
    body?: string | FormData,
    headers: Record<string, string> = {},
  ): Promise<ApiAnswer> {
    const all = { ...this.headers, ...headers };
    return await answerOf(await fetch(`${this.base}${path}`, { method, headers: all, ...(body ? { body } : {}) }));
  }
}

/** Puts bytes to a presigned URL. */
export async function putBytes(url: string, body: Buffer<ArrayBuffer>, headers: Record<string, string> = {}) {
  return await answerOf(await fetch(url, { method: 'PUT', body, headers }));
}

/** Reads a field of a JSON answer as text. */
export function text(answer: ApiAnswer, name: string): string {
  return String((answer.body as Record<string, unknown>)[name]);
}

async function answerOf(response: Response): Promise<ApiAnswer> {
  const content = await response.text();
  const isJson = response.headers.get('content-type')?.startsWith('application/json') === true;
  const body: unknown = isJson ? JSON.parse(content) : content;
  return { status: response.status, body, headers: response.headers };
}
