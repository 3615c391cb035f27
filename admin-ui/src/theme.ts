import { readonly, ref } from 'vue';

export type ThemeMode = 'auto' | 'light' | 'dark';
const KEY = 'jf.theme';

function stored(): ThemeMode {
  const value = localStorage.getItem(KEY);
  return value === 'light' || value === 'dark' ? value : 'auto';
}
const mode = ref<ThemeMode>(stored());
const system = matchMedia('(prefers-color-scheme: dark)');

function apply(): void {
  const dark = mode.value === 'dark' || (mode.value === 'auto' && system.matches);
  document.documentElement.classList.toggle('dark', dark);
  // The early script painted the ground before the style sheet was there.
  document.documentElement.style.background = '';
}
system.addEventListener('change', apply);

export const themeMode = readonly(mode);
export function setTheme(next: ThemeMode): void {
  mode.value = next;
  localStorage.setItem(KEY, next);
  apply();
}
export const startTheme = apply;
