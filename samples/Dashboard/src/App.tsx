import { useCallback, useEffect, useMemo, useState } from 'react';
import { RealtimeHubClient } from 'realtimehub-client';
import { HubContext } from './hub/HubContext';
import { SignIn } from './session/SignIn';
import { storedSession, storeSession, TokenSource, type Session } from './session/session';
import { Shell } from './shell/Shell';
import { useTheme } from './shell/useTheme';
import { ToastProvider } from './toasts/Toasts';

export function App() {
  useTheme();
  const [session, setSession] = useState(storedSession);

  const signedIn = useCallback((next: Session | undefined) => {
    storeSession(next);
    setSession(next);
  }, []);

  return session
    ? <SignedIn key={`${session.tenant}/${session.user}`} session={session} onSignOut={() => signedIn(undefined)} />
    : <SignIn onSignedIn={signedIn} />;
}

function SignedIn({ session, onSignOut }: { session: Session; onSignOut: () => void }) {
  // One client for as long as somebody is signed in; it renews the token by itself.
  const [client] = useState(() => new RealtimeHubClient({ url: '', accessToken: new TokenSource(session, storeSession).get }));

  useEffect(() => {
    client.start().catch(() => undefined);
    const online = () => client.reconnectNow();
    addEventListener('online', online);
    return () => {
      removeEventListener('online', online);
      void client.stop();
    };
  }, [client]);

  const hub = useMemo(() => ({ client, session }), [client, session]);
  return <HubContext value={hub}><ToastProvider><Shell onSignOut={onSignOut} /></ToastProvider></HubContext>;
}
