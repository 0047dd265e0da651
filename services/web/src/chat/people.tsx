import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import { Problem } from '../design/problem.tsx';
import { useAction } from '../requests/use-action.ts';
import type { Session } from '../session/session.ts';
import type { Person } from './chat-state.ts';
import styles from './people.module.css';

interface PeopleProps {
  session: Session;
  runId: string;
  people: readonly Person[];
  own: boolean;
}

/** Who takes part and whether they are here; the owner invites and removes. */
export function People({ session, runId, people, own }: PeopleProps) {
  const { chats } = session.api;
  const [inviting, setInviting] = useState(false);
  const [userId, setUserId] = useState('');
  const invite = useAction(async () => {
    await chats.invite(runId, userId.trim());
    setUserId('');
    setInviting(false);
  });
  const remove = useAction(async (gone: string) => {
    await chats.remove(runId, gone);
  });
  return (
    <div class={styles.people}>
      <ul class={styles.list} aria-label="People in this conversation">
        {people.map((person) => (
          <li key={person.userId} class={styles.person} data-presence={person.presence ?? 'unknown'}>
            <span class={styles.dot} aria-hidden="true" />
            {person.userId === session.userId ? 'You' : person.userId}
            {person.presence !== null && <span class="unseen">, {person.presence}</span>}
            {own && !person.owner && (
              <Button
                look="quiet"
                aria-label={`Remove ${person.userId}`}
                onClick={() => void remove.run(person.userId)}
              >
                ×
              </Button>
            )}
          </li>
        ))}
        {own && !inviting && (
          <li>
            <Button look="quiet" onClick={() => setInviting(true)}>
              Invite somebody
            </Button>
          </li>
        )}
      </ul>
      {inviting && (
        <form
          class={styles.invite}
          onSubmit={(event) => {
            event.preventDefault();
            void invite.run();
          }}
        >
          <Field label="User id">
            {(field) => (
              <input
                {...field}
                value={userId}
                autocomplete="off"
                autocapitalize="none"
                onInput={(event) => setUserId(event.currentTarget.value)}
              />
            )}
          </Field>
          <Button type="submit" busy={invite.busy} disabled={userId.trim() === ''}>
            Invite
          </Button>
          <Button look="quiet" onClick={() => setInviting(false)}>
            Not now
          </Button>
        </form>
      )}
      {(invite.error ?? remove.error) !== undefined && <Problem>{invite.error ?? remove.error}</Problem>}
    </div>
  );
}
