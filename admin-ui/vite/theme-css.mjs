// Turns a theme's tokens (themes/<id>/theme.json) into CSS variables: `--jf-*`, and Element Plus' `--el-*` from them.
import { readFileSync } from 'node:fs';

const VIRTUAL = 'virtual:jackfield-theme.css';
/** Element Plus' name → token; it calls the same thing danger on buttons and error in alerts. */
const STATUS = {
  primary: 'primary',
  success: 'success',
  warning: 'warning',
  danger: 'danger',
  error: 'danger',
  info: 'info',
};

/** @param {string} hex `#rrggbb` */
function channels(hex) {
  if (!/^#[0-9a-f]{6}$/i.test(hex)) throw new Error(`a theme colour is #rrggbb, not ${hex}`);
  return [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16));
}

/** `share` of `b` in `a`, 0–1. @param {string} a @param {string} b @param {number} share */
export function mix(a, b, share) {
  const [x, y] = [channels(a), channels(b)];
  return `#${x
    .map((value, i) =>
      Math.round(value * (1 - share) + y[i] * share)
        .toString(16)
        .padStart(2, '0'),
    )
    .join('')}`;
}

/** WCAG 2 contrast ratio of two colours, 1–21. @param {string} a @param {string} b */
export function contrast(a, b) {
  const luminance = (hex) => {
    const [r, g, blue] = channels(hex).map((value) => {
      const part = value / 255;
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * blue;
  };
  const [low, high] = [luminance(a), luminance(b)].sort((x, y) => x - y);
  return (high + 0.05) / (low + 0.05);
}

const kebab = (name) => name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);

function variables(tokens, dark) {
  const lines = Object.entries(tokens).map(([name, value]) => `--jf-${kebab(name)}: ${value};`);
  const rgb = (hex) => channels(hex).join(',');
  for (const [name, token] of Object.entries(STATUS)) {
    const color = tokens[token];
    lines.push(`--el-color-${name}: ${color};`, `--el-color-${name}-rgb: ${rgb(color)};`);
    // Element Plus' "light" shades lean towards the ground they stand on, so in the dark they are dark.
    for (const step of [3, 5, 7, 8, 9]) {
      lines.push(`--el-color-${name}-light-${step}: ${mix(color, tokens.surface, step / 10)};`);
    }
    lines.push(`--el-color-${name}-dark-2: ${mix(color, dark ? '#ffffff' : '#000000', 0.18)};`);
  }
  const map = {
    'bg-color': 'surface',
    'bg-color-page': 'page',
    'bg-color-overlay': 'raised',
    'text-color-primary': 'text',
    'text-color-regular': 'text',
    'text-color-secondary': 'textMuted',
    'text-color-placeholder': 'textFaint',
    'border-color': 'border',
    'border-color-light': 'border',
    'border-color-lighter': 'border',
    'border-color-hover': 'borderStrong',
    'fill-color-blank': 'surface',
    'fill-color': 'sunken',
    'fill-color-light': 'sunken',
  };
  for (const [name, token] of Object.entries(map)) lines.push(`--el-${name}: ${tokens[token]};`);
  lines.push(`--el-box-shadow-light: ${tokens.shadow};`);
  return lines;
}

/** The whole style sheet of a theme. @param {Record<string, any>} theme */
export function themeCss(theme) {
  const charts = (mode) => theme.charts[mode].map((color, i) => `--jf-chart-${i + 1}: ${color};`);
  const block = (selector, lines) => `${selector} {\n  ${lines.join('\n  ')}\n}\n`;
  const shared = [
    `--jf-font: ${theme.font};`,
    `--jf-font-size: ${theme.fontSize}px;`,
    `--jf-radius: ${theme.radius}px;`,
    `--el-font-family: ${theme.font};`,
    `--el-font-size-base: ${theme.fontSize}px;`,
    `--el-border-radius-base: ${theme.radius}px;`,
  ];
  return (
    block(':root', [
      'color-scheme: light;',
      ...shared,
      ...variables(theme.light, false),
      ...charts('light'),
    ]) + block('html.dark', ['color-scheme: dark;', ...variables(theme.dark, true), ...charts('dark')])
  );
}

/** Vite plugin: `import 'virtual:jackfield-theme.css'`. @param {string} file path of theme.json */
export function themePlugin(file) {
  return {
    name: 'jackfield:theme',
    resolveId: (id) => (id === VIRTUAL ? `\0${VIRTUAL}` : undefined),
    load(id) {
      if (id !== `\0${VIRTUAL}`) return undefined;
      this.addWatchFile(file);
      return themeCss(JSON.parse(readFileSync(file, 'utf8')));
    },
  };
}
