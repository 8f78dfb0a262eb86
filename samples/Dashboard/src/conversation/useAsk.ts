import { useCallback, useState } from 'react';
import type { ReplyError } from 'realtimehub-client';
import { useHub } from '../hub/HubContext';
import { useReport } from '../toasts/Toasts';

const titleLength = 64;

/** The first line, shortened at a word. */
export function titleOf(text: string): string {
  const line = text.trim().split('\n')[0]!.trim();
  if (line.length <= titleLength) {
    return line;
  }
  const cut = line.slice(0, titleLength);
  const space = cut.lastIndexOf(' ');
  return `${(space > titleLength / 2 ? cut.slice(0, space) : cut).replace(/[\s,;:.]+$/, '').toWellFormed()}…`;
}

interface Ask {
  /** Says it in the conversation, made now if there is none, and gives it to the agent. False: it was not said. */
  readonly ask: (text: string, agentId: string | undefined) => Promise<boolean>;
  readonly asking: boolean;
}

export function useAsk(conversationId: string | undefined, onCreated: (id: string) => void, onSaid: () => void): Ask {
  const { client } = useHub();
  const report = useReport();
  const [asking, setAsking] = useState(false);

  const ask = useCallback(async (text: string, agentId: string | undefined) => {
    const failed = (title: string, error: ReplyError) => {
      report(title, error);
      return false;
    };
    setAsking(true);
    try {
      let id = conversationId;
      if (!id) {
        const created = await client.createConversation({ title: titleOf(text) });
        if (!created.ok) {
          return failed('The conversation could not be started', created.error);
        }
        id = created.value.conversationId;
        onCreated(id);
      }
      const said = await client.sendMessage({ conversationId: id, text });
      if (!said.ok) {
        return failed('The message was not sent', said.error);
      }
      if (agentId) {
        const started = await client.startRun({ agentId, conversationId: id, input: { question: text } });
        if (!started.ok) {
          failed('The agent could not be started', started.error);
        }
      }
      onSaid();
      return true;
    } finally {
      setAsking(false);
    }
  }, [client, report, conversationId, onCreated, onSaid]);

  return { ask, asking };
}
