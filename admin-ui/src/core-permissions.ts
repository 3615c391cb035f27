/** The core's own permissions that pages and buttons of the shell ask for. */
export const corePermissions = {
  users: 'core:users',
  roles: 'core:roles',
  plugins: 'core:plugins',
  settings: 'core:settings',
  audit: 'core:audit',
  health: 'core:health',
} as const;
