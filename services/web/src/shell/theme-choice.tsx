import { useId } from 'preact/hooks';
import { THEMES, type Theme, theme } from './theme.ts';
import styles from './theme-choice.module.css';

const LABELS: Record<Theme, string> = { system: 'As the device', light: 'Light', dark: 'Dark' };

export function ThemeChoice() {
  const id = useId();
  return (
    <div class={styles.choice}>
      <label for={id}>Look</label>
      <select
        id={id}
        value={theme.value}
        onChange={(event) => {
          theme.value = event.currentTarget.value as Theme;
        }}
      >
        {THEMES.map((name) => (
          <option key={name} value={name}>
            {LABELS[name]}
          </option>
        ))}
      </select>
    </div>
  );
}
