import { HubConnectionBuilder, LogLevel, type IHubProtocol } from '@microsoft/signalr';
import { Commands, type CommandOptions } from './commands.js';
import { ReconnectingConnection, type ConnectionOptions, type ConnectionState, type TransportFactory } from './connection.js';
import { HubHttp, type Fetch } from './http.js';
import { Subscriptions, type Subscription } from './subscriptions.js';
import { Presence } from './presence.js';
import type { SubscribeOptions, SubscriptionHandlers } from './subscription.js';
import type { PresenceChangedMessage } from './wire/events.js';
import type { Reply } from './wire/replies.js';
import type * as requests from './wire/requests.js';

/** Asked before each connection and each HTTP request. `rejected`: the server refused the last token it was given. */
export type AccessTokenFactory = (context: { readonly rejected: boolean }) => string | Promise<string>;

export interface RealtimeHubClientOptions extends ConnectionOptions {
  /** Where the server is, for example `https://hub.example.com`; empty: where the page came from. */
  readonly url: string;
  /** `operator` (subscriptions and commands) when absent; `events` is read-only, `agent` for agent runtimes. */
  readonly hub?: 'operator' | 'events' | 'agent';
  readonly accessToken: AccessTokenFactory;
  /** SignalR's JSON protocol when absent. */
  readonly protocol?: IHubProtocol;
  /** How long a command is tried; 30 s when absent. */
  readonly commandTimeoutMs?: number;
  readonly fetch?: Fetch;
  /** What handlers throw; `console.error` when absent. */
  readonly onError?: (error: unknown) => void;
  /** Makes the connections; SignalR's when absent. */
  readonly transport?: TransportFactory;
}

/** A client of one server: one hub connection that is kept open, the subscriptions and commands on it, and HTTP. */
export class RealtimeHubClient {
  /** What is read over HTTP. */
  readonly http: HubHttp;
  private readonly connection: ReconnectingConnection;
  private readonly subscriptions: Subscriptions;
  private readonly commands: Commands;
  private readonly presence: Presence;

  constructor(options: RealtimeHubClientOptions) {
    this.connection = new ReconnectingConnection(options.transport ?? signalR(options), options);
    const onError = options.onError ?? ((error: unknown) => console.error(error));
    this.subscriptions = new Subscriptions(this.connection, onError, options.backoff);
    this.commands = new Commands(this.connection, options.commandTimeoutMs);
    this.presence = new Presence(this.connection, this.commands, onError);
    this.http = new HubHttp({ url: options.url, fetch: options.fetch, accessToken: () => options.accessToken({ rejected: false }) });
  }

  /** An immutable value: a new one for each change. */
  get state(): ConnectionState {
    return this.connection.state;
  }

  /** Tells every change of {@link state}; returns how to stop listening. */
  onStateChange(listener: (state: ConnectionState) => void): () => void {
    return this.connection.onState(listener);
  }

  /** Connects, and stays connected until {@link stop}. Resolves at the first connection; nothing needs to wait for it. */
  start(): Promise<void> {
    return this.connection.start();
  }

  stop(): Promise<void> {
    return this.connection.stop();
  }

  /** Tries at once instead of waiting for the next try. */
  reconnectNow(): void {
    this.connection.reconnectNow();
  }

  /**
   * Watches a topic, now and after every reconnection, from where it was. Subscribing again to the same topic replaces
   * the subscription; the old one's `onChanged` says `replaced`.
   */
  subscribe<TState = unknown>(topic: string, options: SubscribeOptions, handlers: SubscriptionHandlers<TState>): Subscription {
    return this.subscriptions.add(topic, options, handlers);
  }

  createConversation(request: requests.CreateConversation, options?: CommandOptions) {
    return this.commands.send('CreateConversation', request, options);
  }

  updateConversation(request: requests.UpdateConversation, options?: CommandOptions) {
    return this.commands.send('UpdateConversation', request, options);
  }

  archiveConversation(request: requests.ArchiveConversation, options?: CommandOptions) {
    return this.commands.send('ArchiveConversation', request, options);
  }

  addParticipant(request: requests.AddParticipant, options?: CommandOptions) {
    return this.commands.send('AddParticipant', request, options);
  }

  removeParticipant(request: requests.RemoveParticipant, options?: CommandOptions) {
    return this.commands.send('RemoveParticipant', request, options);
  }

  sendMessage(request: requests.SendMessage, options?: CommandOptions) {
    return this.commands.send('SendMessage', request, options);
  }

  registerAgent(request: requests.RegisterAgent, options?: CommandOptions) {
    return this.commands.send('RegisterAgent', request, options);
  }

  updateAgent(request: requests.UpdateAgent, options?: CommandOptions) {
    return this.commands.send('UpdateAgent', request, options);
  }

  grantAccess(request: requests.AccessChange, options?: CommandOptions) {
    return this.commands.send('GrantAccess', request, options);
  }

  revokeAccess(request: requests.AccessChange, options?: CommandOptions) {
    return this.commands.send('RevokeAccess', request, options);
  }

  /** Whoever ends their own sessions ends this connection, too. */
  revokeSessions(request: requests.RevokeSessions, options?: CommandOptions) {
    return this.commands.send('RevokeSessions', request, options);
  }

  /** Says how the caller is there; said again by itself on every new connection, so that reconnecting is no change. */
  setPresence(request: requests.SetPresence, options?: CommandOptions) {
    return this.presence.set(request, options);
  }

  /** Tells of presence in watched topics and in the tenant; returns how to stop listening. Ask `http.presence` after each connection. */
  onPresenceChange(listener: (message: PresenceChangedMessage) => void): () => void {
    return this.presence.onChange(listener);
  }

  startRun(request: requests.StartRun, options?: CommandOptions) {
    return this.commands.send('StartRun', request, options);
  }

  steerRun(request: requests.SteerRun, options?: CommandOptions) {
    return this.commands.send('SteerRun', request, options);
  }

  cancelRun(request: requests.CancelRun, options?: CommandOptions) {
    return this.commands.send('CancelRun', request, options);
  }

  /** Any other command of the hub, as safe to repeat as the typed ones. */
  invoke<T>(method: string, request: object, options?: CommandOptions): Promise<Reply<T>> {
    return this.commands.invoke<T>(method, request, options);
  }
}

/** A bearer token goes to negotiate, whose answer leads to the hub with a ticket: SignalR follows it by itself. */
function signalR(options: RealtimeHubClientOptions): TransportFactory {
  const url = `${options.url.replace(/\/$/, '')}/hubs/${options.hub ?? 'operator'}`;
  return (attempt) => {
    const builder = new HubConnectionBuilder()
      // Losing a connection is normal here; the state says it.
      .configureLogging(LogLevel.None)
      .withUrl(url, { accessTokenFactory: () => options.accessToken(attempt) });
    return (options.protocol ? builder.withHubProtocol(options.protocol) : builder).build();
  };
}
