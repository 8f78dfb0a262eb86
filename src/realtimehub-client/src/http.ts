import { RealtimeHubError } from './errors.js';
import type { HubEvent, PresenceItem } from './wire/events.js';
import type { JsonObject } from './wire/json.js';
import type { ErrorCode, ReplyError } from './wire/replies.js';
import type { AgentItem, ConversationItem, ConversationState } from './wire/state.js';

export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

export interface ListQuery {
  readonly limit?: number;
  /** The `next` of the page before. */
  readonly after?: string;
  /** `key` or `key=value`. */
  readonly label?: string;
}

export interface ListPage<T> {
  readonly items: readonly T[];
  /** Null on the last page. */
  readonly next?: string | null;
}

export interface HistoryQuery {
  /** Ascending from after this cursor. Not with `before`. */
  readonly after?: string;
  /** Newest first from before this cursor; `''` begins at the head. */
  readonly before?: string;
  /** 1 to 1,000. */
  readonly limit?: number;
  /** `message.*` is allowed. */
  readonly types?: readonly string[];
}

export interface History {
  readonly events: readonly HubEvent[];
  readonly cursor: string;
  readonly hasMore: boolean;
}

/** Who the caller is and what it may. */
export interface Me {
  readonly tenant?: string;
  readonly scopes?: readonly string[];
  readonly [member: string]: unknown;
}

export interface DevTokenRequest {
  readonly tenant: string;
  readonly user: string;
  readonly scopes: readonly string[];
  readonly roles?: readonly string[];
  readonly agentIds?: readonly string[];
  readonly expiresInSeconds?: number;
}

export interface DevToken {
  readonly accessToken: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
}

export interface HttpOptions {
  /** Where the server is; empty: where the page came from. */
  readonly url: string;
  readonly accessToken: () => string | Promise<string>;
  readonly fetch?: Fetch;
}

/** The resources that are read over HTTP. Every method throws {@link RealtimeHubError}. */
export class HubHttp {
  constructor(private readonly options: HttpOptions) {}

  me(): Promise<Me> {
    return this.get('/api/v1/me');
  }

  conversations(query: ListQuery = {}): Promise<ListPage<ConversationItem>> {
    return this.get('/api/v1/conversations', { ...query });
  }

  conversation(id: string): Promise<ConversationState> {
    return this.get(`/api/v1/conversations/${encodeURIComponent(id)}`);
  }

  agents(query: ListQuery = {}): Promise<ListPage<AgentItem>> {
    return this.get('/api/v1/agents', { ...query });
  }

  /** Who is there, newest change first; without a topic in the tenant as a whole. */
  presence(topic?: string, query: Omit<ListQuery, 'label'> = {}): Promise<ListPage<PresenceItem>> {
    return this.get('/api/v1/presence', { ...query, topic });
  }

  history(topic: string, { types, ...query }: HistoryQuery = {}): Promise<History> {
    return this.get(`/api/v1/topics/${encodeURIComponent(topic)}/events`, { ...query, types: types?.join(',') });
  }

  snapshot<TState = JsonObject>(topic: string): Promise<{ readonly state: TState; readonly cursor: string }> {
    return this.get(`/api/v1/topics/${encodeURIComponent(topic)}/snapshot`);
  }

  /** Any resource under the server's address. */
  async get<T>(path: string, query: Readonly<Record<string, string | number | undefined>> = {}): Promise<T> {
    const search = new URLSearchParams();
    for (const [name, value] of Object.entries(query)) {
      if (value !== undefined) {
        search.set(name, String(value));
      }
    }
    const token = await this.options.accessToken();
    return request<T>(this.options.fetch, `${trim(this.options.url)}${path}${search.size > 0 ? `?${search}` : ''}`, {
      headers: { accept: 'application/json', authorization: `Bearer ${token}` },
    });
  }
}

/**
 * A token of the development issuer. A server that uses another issuer does not have this endpoint: `not_found`.
 */
export function requestDevToken(url: string, body: DevTokenRequest, fetch?: Fetch): Promise<DevToken> {
  return request<DevToken>(fetch, `${trim(url)}/auth/dev-token`, {
    method: 'POST',
    headers: { accept: 'application/json', 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
}

async function request<T>(fetch: Fetch | undefined, url: string, init: RequestInit): Promise<T> {
  let response: Response;
  try {
    response = await (fetch ?? globalThis.fetch)(url, init);
  } catch (error) {
    throw new RealtimeHubError({ code: 'unavailable', message: error instanceof Error ? error.message : String(error) });
  }
  if (!response.ok) {
    throw await problem(response);
  }
  return (response.status === 204 ? undefined : await response.json()) as T;
}

/** Problem details (RFC 9457) carry the code; what stands between us and the server may answer without. */
async function problem(response: Response): Promise<RealtimeHubError> {
  const body = await response.json().catch(() => ({})) as Partial<ReplyError> & { title?: string; detail?: string };
  return new RealtimeHubError(
    {
      code: body.code ?? codeOf(response.status),
      message: body.detail ?? body.message ?? body.title ?? `The server answered ${response.status}.`,
      errors: body.errors,
      details: body.details,
      retryAfterMs: body.retryAfterMs ?? retryAfter(response),
    },
    response.status,
  );
}

const codes: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request', 401: 'unauthenticated', 403: 'forbidden', 404: 'not_found', 409: 'conflict', 410: 'gone',
  413: 'too_large', 429: 'rate_limited', 502: 'unavailable', 503: 'unavailable', 504: 'unavailable',
};

function codeOf(status: number): ErrorCode {
  return codes[status] ?? (status >= 500 ? 'internal' : 'invalid_request');
}

function retryAfter(response: Response): number | undefined {
  const seconds = Number(response.headers.get('retry-after') ?? NaN);
  return Number.isFinite(seconds) ? seconds * 1000 : undefined;
}

function trim(url: string): string {
  return url.endsWith('/') ? url.slice(0, -1) : url;
}
