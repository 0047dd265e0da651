import { COMPONENT_NAMES, COMPONENTS, type Component } from '../../../../shared/protocol/components.ts';
import layout from '../design/layout.module.css';
import styles from './component-choice.module.css';

interface ComponentChoiceProps {
  chosen: readonly Component[];
  onChange(chosen: readonly Component[]): void;
}

/** Which parts of the service something is about. */
export function ComponentChoice({ chosen, onChange }: ComponentChoiceProps) {
  return (
    <fieldset>
      <legend class={styles.legend}>Components</legend>
      <div class={layout.row}>
        {COMPONENTS.map((name) => (
          <label key={name} class={styles.option}>
            <input
              type="checkbox"
              checked={chosen.includes(name)}
              onChange={(event) =>
                onChange(event.currentTarget.checked ? [...chosen, name] : chosen.filter((other) => other !== name))
              }
            />
            {COMPONENT_NAMES[name]}
          </label>
        ))}
      </div>
    </fieldset>
  );
}
