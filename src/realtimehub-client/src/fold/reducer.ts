import type { HubEvent } from '../wire/events.js';
import type { ConversationState } from '../wire/state.js';

/** What one type of event does to a conversation. Returns the same object when it does nothing. */
export type Reducer = (state: ConversationState, event: HubEvent) => ConversationState;
