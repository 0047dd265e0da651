/** Loaded into a program with --require: at its end, writes the names of the @opentelemetry packages it has loaded to the file LOADED_PACKAGES. */
const { writeFileSync } = require('node:fs');

process.on('exit', () => {
  const names = Object.keys(require.cache).map((file) => /@opentelemetry\/([a-z-]+)/.exec(file)?.[1]);
  writeFileSync(process.env.LOADED_PACKAGES, JSON.stringify([...new Set(names.filter(Boolean))].sort()));
});
