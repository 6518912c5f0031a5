/** A parser's answer: a value, or a stable code that says what was wrong. Never an exception. */
export type Result<T, Code extends string = string> =
  | { readonly ok: true; readonly value: T }
  | { readonly ok: false; readonly code: Code; readonly at?: string };

export const ok = <T>(value: T): { readonly ok: true; readonly value: T } => ({ ok: true, value });

/** @param at names the field or the header at fault. */
export const fail = <Code extends string>(
  code: Code,
  at?: string,
): { readonly ok: false; readonly code: Code; readonly at?: string } =>
  at === undefined ? { ok: false, code } : { ok: false, code, at };
