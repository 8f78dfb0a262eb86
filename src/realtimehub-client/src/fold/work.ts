import type { Approval, Artifact, ConversationState, InputRequest } from '../wire/state.js';
import type { HubEvent } from '../wire/events.js';
import { change, present, put } from './lists.js';
import type { Reducer } from './reducer.js';
import { withWaiting } from './runs.js';

function endApproval(status: Approval['status']): Reducer {
  return (state, event) => {
    const { approvalId, ...data } = event.data as unknown as Approval;
    const { decision, option, comment, resolvedBy } = data;
    const approvals = change(state.approvals, 'approvalId', approvalId,
      (a) => present({ ...a, status, decision, option, comment, resolvedBy }));
    return withWaiting({ ...state, approvals }, runOf(approvals.find((a) => a.approvalId === approvalId), event));
  };
}

function endInput(status: InputRequest['status']): Reducer {
  return (state, event) => {
    const { inputId, values, submittedBy } = event.data as unknown as InputRequest;
    const inputs = change(state.inputs, 'inputId', inputId, (i) => present({ ...i, status, values, submittedBy }));
    return withWaiting({ ...state, inputs }, runOf(inputs.find((i) => i.inputId === inputId), event));
  };
}

function runOf(item: { readonly runId?: string } | undefined, event: HubEvent): string | null | undefined {
  return item?.runId ?? event.runId;
}

/** What people are asked for, and the files. */
export const workReducers: Readonly<Record<string, Reducer>> = {
  'approval.requested': (state, event) => {
    const data = event.data as unknown as Approval;
    const runId = data.runId ?? event.runId ?? undefined;
    const approval: Approval = present({ ...data, runId, status: 'open' });
    return withWaiting({ ...state, approvals: put(state.approvals, 'approvalId', approval) }, runId);
  },
  'approval.resolved': endApproval('resolved'),
  'approval.expired': endApproval('expired'),
  'approval.cancelled': endApproval('cancelled'),

  'input.requested': (state, event) => {
    const data = event.data as unknown as InputRequest;
    const runId = data.runId ?? event.runId ?? undefined;
    const input: InputRequest = present({ ...data, runId, status: 'open' });
    return withWaiting({ ...state, inputs: put(state.inputs, 'inputId', input) }, runId);
  },
  'input.submitted': endInput('submitted'),
  'input.expired': endInput('expired'),
  'input.cancelled': endInput('cancelled'),

  'artifact.created': (state, event): ConversationState =>
    ({ ...state, artifacts: put(state.artifacts, 'artifactId', event.data as unknown as Artifact) }),
  'artifact.deleted': (state, event) =>
    ({ ...state, artifacts: state.artifacts.filter((a) => a.artifactId !== event.data['artifactId']) }),
};
