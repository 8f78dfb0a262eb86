import type { HubEvent } from '../wire/events.js';
import type { ConversationState, Message } from '../wire/state.js';
import { change, present, put } from './lists.js';
import { append } from './text.js';
import type { Reducer } from './reducer.js';

function message(event: HubEvent, status: Message['status'], role?: Message['role']): Message {
  const data = event.data as unknown as Partial<Message>;
  return present({
    messageId: data.messageId!,
    role: data.role ?? role ?? 'user',
    text: data.text ?? '',
    actor: event.actor,
    time: event.time,
    status,
    runId: event.runId ?? undefined,
    artifactIds: data.artifactIds,
    replyTo: data.replyTo,
  });
}

function withMessages(state: ConversationState, messages: readonly Message[]): ConversationState {
  return messages === state.messages ? state : { ...state, messages };
}

export const messageReducers: Readonly<Record<string, Reducer>> = {
  'message.created': (state, event) => withMessages(state, put(state.messages, 'messageId', message(event, 'completed'))),

  'message.started': (state, event) => withMessages(state, put(state.messages, 'messageId', message(event, 'open'))),

  'message.delta': (state, event) => {
    const { messageId, text, offset } = event.data as { messageId: string; text: string; offset?: number };
    return withMessages(state, change(state.messages, 'messageId', messageId,
      (m) => (m.status === 'open' ? append(m, text, offset) : m)));
  },

  'message.completed': (state, event) => {
    const { messageId, text, incomplete } = event.data as { messageId: string; text: string; incomplete?: boolean };
    const status = incomplete ? 'incomplete' : 'completed';
    const known = state.messages.find((m) => m.messageId === messageId);
    // Its beginning may lie before what this state was folded from: only agents complete messages.
    const whole = known ? { ...known, text, status } as const : message(event, status, 'assistant');
    const { missing: _, truncated: __, ...healed } = whole;
    return withMessages(state, put(state.messages, 'messageId', healed));
  },
};
