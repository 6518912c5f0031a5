module.exports = require('./wire-run.cjs').end;
