const { readdirSync, statSync } = require('node:fs');
const { join } = require('node:path');

const SOURCE = /\.(?:cc|h|gyp)$/;

/** Whether a file that was built of the sources in a folder is there, and older than one of them. */
exports.isOlder = (built, folder) => {
  const at = statSync(built, { throwIfNoEntry: false })?.mtimeMs;
  if (at === undefined) return false;
  const sources = readdirSync(folder).filter((name) => SOURCE.test(name));
  return sources.some((name) => statSync(join(folder, name)).mtimeMs > at);
};
