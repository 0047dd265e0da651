import { effect, signal } from '@preact/signals';

export const THEMES = ['system', 'light', 'dark'] as const;
export type Theme = (typeof THEMES)[number];

const STORAGE_KEY = 'weir.theme';

/** `system`: as the device says. */
export const theme = signal<Theme>(THEMES.find((name) => name === localStorage.getItem(STORAGE_KEY)) ?? 'system');

/** Keeps the page in the chosen theme and remembers it. */
export function applyTheme(): void {
  effect(() => {
    if (theme.value === 'system') delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme.value;
    localStorage.setItem(STORAGE_KEY, theme.value);
  });
}
