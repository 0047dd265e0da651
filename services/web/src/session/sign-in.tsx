import { useState } from 'preact/hooks';
import { Button } from '../design/button.tsx';
import { Field } from '../design/field.tsx';
import { signIn } from './session.ts';
import styles from './sign-in.module.css';

/** Takes an access token; `because`: why there is no session any more. */
export function SignIn({ because }: { because: string | null }) {
  const [error, setError] = useState<string>();
  return (
    <main class={styles.page}>
      <form
        class={styles.card}
        onSubmit={(event) => {
          event.preventDefault();
          const token = new FormData(event.currentTarget).get('token');
          setError(signIn(typeof token === 'string' ? token : '') ?? undefined);
        }}
      >
        <p class={styles.brand}>
          <img src={`${import.meta.env.BASE_URL}favicon.svg`} alt="" width="36" height="36" />
          <span>Weir</span>
        </p>
        <h1>Sign in</h1>
        {because !== null && (
          <p class={styles.because} role="alert">
            {because}
          </p>
        )}
        <Field
          label="Access token"
          hint="From your identity provider. On a local cluster: make token USER_ID=alice"
          error={error}
        >
          {(field) => <input {...field} name="token" type="password" autocomplete="off" required />}
        </Field>
        <Button look="primary" type="submit">
          Sign in
        </Button>
        <p class="soft">
          The <a href="/status">status page</a> is open to everybody.
        </p>
      </form>
    </main>
  );
}
