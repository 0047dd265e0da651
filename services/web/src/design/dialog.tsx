import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';
import styles from './dialog.module.css';

interface DialogProps {
  title: string;
  children: ComponentChildren;
  /** The row of buttons. */
  actions: ComponentChildren;
  /** Escape, or a click beside it. */
  onClose(): void;
}

/** A question in front of the page: the browser's own modal dialog, which keeps the focus and gives it back. Shown while it is rendered. */
export function Dialog({ title, children, actions, onClose }: DialogProps) {
  const ref = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => {
    const dialog = ref.current;
    dialog?.showModal();
    return () => dialog?.close();
  }, []);
  return (
    <dialog
      ref={ref}
      class={styles.dialog}
      aria-labelledby={id}
      onCancel={(event) => {
        event.preventDefault();
        onClose();
      }}
      onMouseDown={(event) => {
        if (event.target === ref.current) onClose();
      }}
    >
      <div class={styles.body}>
        <h2 id={id}>{title}</h2>
        {children}
        <div class={styles.actions}>{actions}</div>
      </div>
    </dialog>
  );
}
