/**
 * Whether an error of Node's has this code, such as `ENOENT`. Not by `instanceof`: errors cross realms (worker threads,
 * test environments).
 */
export const hasCode = (error: unknown, code: string): boolean =>
  typeof error === 'object' && error !== null && 'code' in error && error.code === code;
