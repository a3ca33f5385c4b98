import { effect, signal } from '@preact/signals';

const themes = ['auto', 'light', 'dark'] as const;
const KEY = 'choragus-theme';

export const theme = signal<(typeof themes)[number]>(themes.find((one) => one === localStorage.getItem(KEY)) ?? 'auto');

effect(() => {
  document.documentElement.dataset.theme = theme.value;
  localStorage.setItem(KEY, theme.value);
});

export function nextTheme(): void {
  theme.value = themes[(themes.indexOf(theme.value) + 1) % themes.length] ?? 'auto';
}
