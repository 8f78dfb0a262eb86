import { useState, type FormEvent } from 'react';
import { Icon, Logo } from '../ui/Icon';
import { signIn, signInProblem, type Session } from './session';
import './SignIn.css';

export function SignIn({ onSignedIn }: { onSignedIn: (session: Session) => void }) {
  const [tenant, setTenant] = useState('demo');
  const [user, setUser] = useState('operator');
  const [roles, setRoles] = useState('');
  const [problem, setProblem] = useState<string>();
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      onSignedIn(await signIn(tenant.trim(), user.trim(), roles.split(/[\s,]+/).filter(Boolean)));
    } catch (error) {
      setProblem(signInProblem(error));
      setBusy(false);
    }
  }

  return (
    <main className="sign-in">
      <form className="sign-in__card" onSubmit={submit}>
        <div className="sign-in__brand"><Logo /> RealtimeHub</div>
        <h1>Watch your agents work.</h1>
        <p className="sign-in__lead">Follow conversations while they happen, steer a run with a sentence, stop it with a click.</p>
        <div className="sign-in__fields">
          <label className="field">Tenant
            <input className="input" value={tenant} onChange={(e) => setTenant(e.target.value)} required autoComplete="organization" data-testid="sign-in-tenant" />
          </label>
          <label className="field">User
            <input className="input" value={user} onChange={(e) => setUser(e.target.value)} required autoComplete="username" data-testid="sign-in-user" />
          </label>
        </div>
        <details className="sign-in__more">
          <summary>Roles</summary>
          <label className="field"><span className="visually-hidden">Roles, separated by commas</span>
            <input className="input" value={roles} onChange={(e) => setRoles(e.target.value)} placeholder="support, reviewers" data-testid="sign-in-roles" />
          </label>
        </details>
        {problem && <p className="sign-in__problem" role="alert"><Icon name="warning" /> {problem}</p>}
        <button className="button button--primary sign-in__button" disabled={busy} data-testid="sign-in">
          {busy && <Icon name="spinner" className="spin" />} Sign in
        </button>
        <p className="sign-in__note">Development sign-in: the server hands out a token for whoever you say you are.</p>
      </form>
    </main>
  );
}
