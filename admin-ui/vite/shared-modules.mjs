/**
 * The modules that host and plugins share: bare name → file below `admin-ui/src/shared` that re-exports it.
 * What is in this list is API: plugins leave these imports bare and the host's import map answers them.
 */
export const sharedModules = {
  vue: 'vue.ts',
  'vue-router': 'vue-router.ts',
  pinia: 'pinia.ts',
  'vue-i18n': 'vue-i18n.ts',
  'element-plus': 'element-plus.ts',
  '@jackfield/admin-ui/sdk': 'sdk.ts',
};

export const sharedNames = Object.keys(sharedModules);
