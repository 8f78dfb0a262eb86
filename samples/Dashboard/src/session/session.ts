import { RealtimeHubError, requestDevToken, type Fetch } from 'realtimehub-client';

/** Who signed in, and the token that the development issuer gave. */
export interface Session {
  readonly tenant: string;
  readonly user: string;
  readonly roles: readonly string[];
  readonly accessToken: string;
  /** ISO 8601, UTC. */
  readonly expiresAt: string;
}

export const scopes = [
  'conversations.read', 'conversations.write', 'agents.read', 'agents.operate', 'processes.read', 'approvals.resolve',
  'artifacts.read', 'presence.write',
];

/** A token that ends sooner than this is replaced before it is used. */
const marginMs = 60_000;
const storageKey = 'realtimehub.session';

export async function signIn(tenant: string, user: string, roles: readonly string[], fetch?: Fetch): Promise<Session> {
  const token = await requestDevToken('', { tenant, user, scopes, ...(roles.length > 0 && { roles }) }, fetch);
  return { tenant, user, roles, ...token };
}

/** What to tell somebody who could not sign in. */
export function signInProblem(error: unknown): string {
  if (error instanceof RealtimeHubError && error.code === 'not_found') {
    return 'This server uses another issuer for its tokens, so there is no development sign-in here.';
  }
  if (error instanceof RealtimeHubError && error.code === 'unavailable') {
    return 'The server does not answer. Is it running?';
  }
  return error instanceof Error ? error.message : String(error);
}

/** Kept for this tab alone, so that a reload does not sign out. */
export function storedSession(storage: Pick<Storage, 'getItem'> = sessionStorage): Session | undefined {
  try {
    const session = JSON.parse(storage.getItem(storageKey) ?? 'null') as Session | null;
    return session?.accessToken && session.user ? session : undefined;
  } catch {
    return undefined;
  }
}

export function storeSession(session: Session | undefined, storage: Pick<Storage, 'setItem' | 'removeItem'> = sessionStorage): void {
  if (session) {
    storage.setItem(storageKey, JSON.stringify(session));
  } else {
    storage.removeItem(storageKey);
  }
}

/** Gives the session's token, and asks for a new one when it is about to end or was refused. */
export class TokenSource {
  private refreshing: Promise<Session> | undefined;

  constructor(
    private session: Session,
    private readonly renewed: (session: Session) => void,
    private readonly renew: (session: Session) => Promise<Session> = ({ tenant, user, roles }) => signIn(tenant, user, roles),
    private readonly now: () => number = Date.now,
  ) {}

  readonly get = async ({ rejected }: { readonly rejected: boolean }): Promise<string> => {
    const { accessToken, expiresAt } = this.session;
    if (!rejected && Date.parse(expiresAt) - this.now() > marginMs) {
      return accessToken;
    }
    // Several callers at once share one request.
    this.refreshing ??= this.renew(this.session).finally(() => { this.refreshing = undefined; });
    this.session = await this.refreshing;
    this.renewed(this.session);
    return this.session.accessToken;
  };
}
