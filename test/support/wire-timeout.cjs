/** Real processes on a busy machine: a test says so itself when it needs longer. */
jest.setTimeout(60_000);
