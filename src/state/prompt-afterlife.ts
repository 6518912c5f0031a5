/** For so long after its end, people are told that a prompt has expired or was used, not that there is none. */
export const PROMPT_AFTERLIFE_MS = 3_600_000;
